"""Asks a server by git for what should be gone, as a stranger or with a token, always from nothing.

What a server gives is put into a new repository and thrown away: a clone that has the object already
would say that it came.
"""

from collections.abc import Collection, Mapping
from pathlib import Path

from breachkit.actions.served import Identity, Said, Subject, Way
from breachkit.git.access import token_settings
from breachkit.git.anonymous import as_stranger
from breachkit.git.leading import leading_to, walk_from
from breachkit.git.mirror import local_refs
from breachkit.git.remote import ask_for_object, list_remote, protocol_version, run_remote
from breachkit.git.scratch import scratch_folder
from breachkit.model.errors import AccessError, BreachkitError, ConfigurationError
from breachkit.model.ids import ObjectId, RefName
from breachkit.model.sensitive import Sensitive


OLD_PROTOCOL = "the server speaks an old protocol, in which it keeps back what it has"
NO_GIT = "git could not read it"
NO_REFS = "it shows no refs"

_SILENCE = Said(answer="unknown", reason=NO_GIT, is_silence=True)
_IMPATIENT = {"GIT_HTTP_LOW_SPEED_TIME": "60"}
"""Seconds without a byte: one question of hundreds, which the next run asks again."""


class GitAsker:
    """Asks servers by git.

    Args:
        token: For the account; it travels in the environment, where other users cannot see it.
        wanted: Everything that should be gone.
        scratch: An existing private folder.
    """

    def __init__(
        self, token: Sensitive[str], wanted: Collection[ObjectId], scratch: Path | None = None
    ) -> None:
        self._token = token
        self._wanted = frozenset(wanted)
        self._scratch = scratch
        self._versions: dict[tuple[str, Identity], int | None] = {}

    def __call__(self, url: str, identity: Identity, way: Way, subject: Subject) -> Said:
        """Ask once; nothing is raised."""
        with scratch_folder(self._scratch) as home:
            settings = self._settings(url, identity, home)
            try:
                match way:
                    case Way.GIT:
                        return self._by_id(url, identity, subject, settings)
                    case Way.LS_REMOTE:
                        return self._refs(url, settings)
                    case _:
                        return self._history(url, settings, home)
            except (AccessError, ConfigurationError):
                return Said(answer="unknown", reason=NO_GIT)
            except BreachkitError:
                return _SILENCE

    def _settings(self, url: str, identity: Identity, home: Path) -> Mapping[str, str]:
        stranger = {**as_stranger(home), **_IMPATIENT}
        if identity is Identity.ANYONE:
            return stranger
        shown = token_settings(url, self._token)
        second = {
            "GIT_CONFIG_COUNT": "2",
            "GIT_CONFIG_KEY_1": stranger["GIT_CONFIG_KEY_0"],
            "GIT_CONFIG_VALUE_1": stranger["GIT_CONFIG_VALUE_0"],
        }
        return {**stranger, **shown, **second}

    def _by_id(
        self, url: str, identity: Identity, subject: Subject, settings: Mapping[str, str]
    ) -> Said:
        if self._version(url, identity, settings) not in {None, 2}:
            return Said(answer="unknown", reason=OLD_PROTOCOL)
        answer = ask_for_object(url, subject.id, scratch=self._scratch, extra_env=settings)
        match answer:
            case "served":
                return Said(answer="served")
            case "refused":
                return Said(answer="absent")
            case _:
                self._refs(url, settings)  # which raises what keeps git out
                return _SILENCE

    def _version(self, url: str, identity: Identity, settings: Mapping[str, str]) -> int | None:
        """Give the version of the protocol that a server speaks; None where it does not answer."""
        key = url, identity
        if self._versions.get(key) is None:
            self._versions[key] = protocol_version(url, extra_env=settings)
        return self._versions[key]

    def _refs(self, url: str, settings: Mapping[str, str]) -> Said:
        shown = list_remote(url, extra_env=settings)
        held = tuple(name for name, value in shown.refs.items() if value in self._wanted)
        return _told(held, whole=bool(shown.refs))

    def _history(self, url: str, settings: Mapping[str, str], home: Path) -> Said:
        """Fetch commits and folders of every ref, and look whether they name anything of it.

        Files themselves stay on the server: their ids stand in the folders.
        """
        clone = home / "history.git"
        command = ["clone", "--mirror", "--quiet", "--no-local", "--filter=blob:none", "--"]
        run_remote(command, url, [str(clone)], extra_env=settings)
        refs = local_refs(clone)
        values = frozenset(refs.values())
        if not values:
            return _told((), whole=False)
        walk = walk_from(clone, values, self._wanted)
        if not walk.is_hit:
            return _told((), whole=True) if walk.is_done else _SILENCE
        bad = leading_to(clone, values, self._wanted)
        return _told(tuple(name for name, value in refs.items() if value in bad), whole=True)


def _told(held: tuple[RefName, ...], *, whole: bool) -> Said:
    """Judge a list of refs: that it shows others is its own control."""
    if held:
        return Said(answer="served", refs=tuple(sorted(held)))
    return Said(answer="absent") if whole else Said(answer="unknown", reason=NO_REFS)
