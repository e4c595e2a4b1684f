"""Whatever files are called, each stands in exactly one section, and no pattern captures another's."""

from fnmatch import fnmatchcase

from hypothesis import example, given
from hypothesis import strategies as st

from breachkit.actions.request import Output, OutputFacts
from breachkit.actions.request_groups import sections_of
from breachkit.model.ids import GitPath


WORDS = st.sampled_from(
    ["rate", "Rate", "by", "age", "sex", "deaths", "x[1]", "*", "?", "[", "]", "[!a]", "\xdf", "SS", "a b", "\n", "\udcff"]
)  # fmt: skip
NAMES = st.lists(WORDS, min_size=1, max_size=4).map("_".join)
FOLDERS = st.sampled_from(["", "models/", "Models/", "models*/", "a/b/"])
SUFFIXES = st.sampled_from([".csv", ".svg", "", ".CSV", "."])
PATHS = st.builds(lambda *parts: "".join(("release/", *parts)), FOLDERS, NAMES, SUFFIXES)
FILES = st.dictionaries(PATHS, st.sampled_from(["", "one", "other"]), max_size=14)


def outputs(files):
    return [
        Output(
            path=GitPath(path.encode("utf-8", "surrogateescape")),
            size=1,
            facts=OutputFacts(kind="delimited text", signature=signature),
        )
        for path, signature in files.items()
    ]


@given(FILES)
@example({"release/rate_by_age.csv": "one", "release/rate_by_sex.csv": "one", "release/rate_*.csv": "other"})  # fmt: skip
@example({"release/rate_by_age.csv": "one", "release/rate_by_sex.csv": "one", "release/RATE_BY_X.csv": "other"})  # fmt: skip
@example({"release/a/rate.csv": "one", "release/b/rate.csv": "one", "release/c/d/rate.csv": "one"})
def test_every_file_is_captured_by_exactly_one_section(files):
    sections = sections_of(outputs(files))
    everything = [each.path for each in outputs(files)]

    assert sorted(path for each in sections for path in each.paths) == sorted(everything)
    for section in sections:
        own = {path.decode("utf-8", "surrogateescape") for path in section.paths}
        assert {path for path in files if fnmatchcase(path, section.pattern)} == own
        if section.is_group:
            assert {path for path in files if fnmatchcase(path.casefold(), section.pattern.casefold())} == own  # fmt: skip


@given(FILES)
def test_a_section_has_files_of_one_signature(files):
    for section in sections_of(outputs(files)):
        assert len({each.facts.signature for each in section.outputs}) == 1


@given(FILES, st.randoms())
def test_the_order_of_the_files_makes_no_difference(files, random):
    mixed = list(files.items())
    random.shuffle(mixed)

    assert sections_of(outputs(dict(mixed))) == sections_of(outputs(files))
