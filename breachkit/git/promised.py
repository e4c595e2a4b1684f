"""What a partial clone was promised and does not have, found out without fetching.

Such a clone leaves objects with its server until they are asked for. Nothing lists them: an object is known to be
promised only because another one names it. So everything that is to be read is followed, and what it names and
is not there is missing. What refs reach is followed for every repository (`objects.reachable_objects`); here follows
the rest, which in others git may have cleared away, and in a partial clone never does.

Source: git's partial-clone design notes ("Fetching Missing Objects", "Current Limitations").
"""

from collections.abc import Iterable

from breachkit.git.objects import ObjectList, Reachable, reachable_from, read_objects
from breachkit.git.repository import Repository
from breachkit.git.tag_chains import about
from breachkit.model.ids import ObjectId


def missing_beyond_refs(
    repository: Repository,
    objects: ObjectList,
    reachable: Reachable,
    others: Iterable[ObjectId] = (),
) -> frozenset[ObjectId]:
    """Give what objects that no ref reaches name, and the store does not have.

    A tag that is damaged names nothing here: a scan reports it as not examined.

    Args:
        repository: Where.
        objects: All that is in the store, as `list_objects` gives it.
        reachable: What refs reach, which is not followed again.
        others: What else names objects, such as an index.
    """
    there = {entry.oid for entry in objects.entries}.union(objects.damaged)
    beyond = [entry for entry in objects.entries if entry.oid not in reachable.oids]
    tips = {entry.oid for entry in beyond if entry.type in {"commit", "tree"}}
    read = read_objects(repository, [entry for entry in beyond if entry.type == "tag"])
    tagged = {one for _, tag in read if isinstance(tag, bytes) for one in about(tag)}
    named = reachable_from(repository, tips, objects)
    return frozenset({*named.missing, *others, *tagged} - there)
