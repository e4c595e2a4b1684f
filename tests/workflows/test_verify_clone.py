"""What a clone must not hold any more, over all rounds of a case."""

import pytest

from breachkit.workflows.case_files import NotYetError
from breachkit.workflows.late_clones import has_whole_list
from breachkit.workflows.verify_clone import list_of_case, verify_clone
from tests.support.command_line import OUTPUT, SMALL_COUNTS
from tests.support.gitrepo import git, oid
from tests.support.responding import OTHER, OTHER_COUNTS, pushed_by_somebody, responding
from tests.support.rewriting import objects


def test_the_list_grows_over_rounds_and_an_answer_of_the_first_is_about_another_list(tmp_path):
    response = responding(tmp_path)
    old = oid(response.server, "main")
    response.all_of_it()
    first = list_of_case(response.case)
    pushed_by_somebody(response.server, OTHER, OTHER_COUNTS)
    later = oid(response.server, "main")
    response.scope(OTHER, again=True)
    assert not has_whole_list(response.case)
    response.rewrite()
    second = list_of_case(response.case)

    assert old in first.objects
    assert {*first.objects} - {*second.objects} == set()
    assert later in second.objects.keys() - first.objects.keys()
    assert (first.round, second.round) == (1, 2)
    assert first.token != second.token
    assert has_whole_list(response.case)


def test_nothing_on_the_list_is_in_the_new_history(tmp_path):
    response = responding(tmp_path)
    response.all_of_it()

    listed = list_of_case(response.case).objects.keys()

    assert listed & objects(response.private("rewritten.git")) == set()
    assert listed & objects(response.server) == set()


def test_the_same_case_gives_the_same_list_and_who_looks_seals_it(tmp_path):
    response = responding(tmp_path)
    response.scope()
    response.rewrite()

    own, again = list_of_case(response.case), list_of_case(response.case)
    holders = list_of_case(response.case, "verifier")

    assert own == again
    assert (own.token, own.entries) == (holders.token, holders.entries)
    assert own.seed != holders.seed
    for word in (own.token, own.seed, holders.seed):
        assert word.isalpha()
        assert not set(word) & set("0123456789abcdef")


def test_a_clone_of_the_server_as_it_is_now_is_clean_and_one_of_before_is_not(tmp_path):
    response = responding(tmp_path)
    git(tmp_path, "clone", "-q", f"file://{response.server}", "before")
    response.all_of_it()
    git(tmp_path, "clone", "-q", f"file://{response.server}", "after")
    wanted = list_of_case(response.case)

    before = verify_clone(tmp_path / "before", wanted, response.clock)
    after = verify_clone(tmp_path / "after", wanted, response.clock)

    assert (before.verdict, after.verdict) == ("tainted", "clean")
    assert before.copy != after.copy
    assert before.at == response.clock.now().replace(microsecond=0)


def test_a_file_that_came_back_under_windows_is_found(tmp_path):
    response = responding(tmp_path)
    response.all_of_it()
    git(tmp_path, "clone", "-q", f"file://{response.server}", "after")
    (tmp_path / "after" / OUTPUT.decode().rsplit("/")[-1]).write_bytes(
        SMALL_COUNTS.replace(b"\n", b"\r\n")
    )

    result = verify_clone(tmp_path / "after", list_of_case(response.case), response.clock)

    assert [(hit.place, hit.files) for hit in result.hits] == [("files", (1,))]


def test_without_a_scope_there_is_no_list(tmp_path):
    with pytest.raises(NotYetError):
        list_of_case(responding(tmp_path).case)
