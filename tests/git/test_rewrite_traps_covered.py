"""The fifty traps of rewriting, each with a test that holds breachkit itself to it."""

import pytest

from tests.support import claims
from tests.support.claims import functions
from tests.support.clone_traps import TRAPS as COPIES


REWRITE = "git/test_rewrite.py"
TRAPS_HERE = "git/test_rewrite_traps.py"
CRASH = "git/test_rewrite_crash.py"
MIRROR = "git/test_mirror.py"
PUSH = "git/test_push.py"
VERIFY = "git/test_verify.py"
REPLACING = "workflows/test_replacing.py"

TRAPS = {
    1: (REWRITE, "test_trap_01_refs_and_tags_that_point_at_the_blob_itself_are_deleted"),
    2: (REWRITE, "test_trap_02_refs_and_tags_that_point_at_trees_are_made_again_without_it"),
    3: (
        REWRITE,
        "test_trap_03_09_41_notes_stash_pull_refs_and_odd_refs_are_rewritten_like_branches",
    ),
    4: (REWRITE, "test_trap_04_cyclic_replace_refs_do_not_hide_a_branch"),
    5: (TRAPS_HERE, "test_trap_05_a_commit_put_in_the_place_of_another_is_not_baked_in"),
    6: (TRAPS_HERE, "test_trap_06_the_head_of_a_linked_work_tree_is_left_behind"),
    7: (TRAPS_HERE, "test_trap_07_a_pack_that_the_server_keeps_for_ever_is_not_copied_as_one"),
    8: (MIRROR, "test_trap_08_objects_a_server_borrows_are_copied"),
    9: (
        REWRITE,
        "test_trap_03_09_41_notes_stash_pull_refs_and_odd_refs_are_rewritten_like_branches",
    ),
    10: (TRAPS_HERE, "test_trap_10_a_file_that_is_only_staged_is_in_no_mirror"),
    11: (TRAPS_HERE, "test_trap_11_conflicts_that_the_server_remembers_are_in_no_mirror"),
    12: (
        TRAPS_HERE,
        "test_trap_12_the_pointer_to_a_large_file_goes_whether_or_not_they_are_still_used",
    ),
    13: (TRAPS_HERE, "test_trap_13_a_submodule_beside_large_files_is_no_trouble"),
    14: (REWRITE, "test_trap_14_a_tag_object_outside_refs_tags_is_made_again_where_it_is"),
    15: (REPLACING, "test_trap_15_words_and_names_go_with_the_files"),
    16: (MIRROR, "test_trap_16_a_shallow_server_is_refused"),
    17: (TRAPS_HERE, "test_trap_17_a_partial_clone_is_no_server_to_rewrite"),
    18: (PUSH, "test_trap_18_a_ref_that_changed_on_the_server_stops_the_whole_push"),
    19: (MIRROR, "test_trap_19_a_missing_object_is_counted"),
    20: (MIRROR, "test_trap_20_a_sha256_server_is_refused"),
    21: (TRAPS_HERE, "test_trap_21_settings_of_several_lines_are_no_trouble"),
    22: (
        TRAPS_HERE,
        "test_trap_22_a_repository_named_in_the_environment_is_not_the_one_that_is_rewritten",
    ),
    23: (TRAPS_HERE, "test_trap_23_refs_that_differ_only_in_case_stay_apart"),
    24: (TRAPS_HERE, "test_trap_24_line_ends_of_windows_change_nothing"),
    25: (TRAPS_HERE, "test_trap_25_files_that_are_no_plain_text_go_like_any_other"),
    26: (REWRITE, "test_trap_26_a_signed_root_that_never_had_the_blob_keeps_its_id_and_signature"),
    27: (REWRITE, "test_trap_27_odd_commits_keep_every_byte_but_tree_and_parents"),
    28: (REWRITE, "test_trap_28_the_version_before_does_not_come_back_where_the_bad_one_was"),
    29: (REWRITE, "test_trap_29_43_the_same_content_at_other_paths_and_modes_goes_too"),
    30: (REWRITE, "test_trap_30_a_blob_that_comes_in_through_the_second_parent_of_a_merge_goes"),
    31: (REWRITE, "test_trap_31_36_a_history_of_nothing_but_the_bad_file_keeps_its_commits"),
    32: (REWRITE, "test_trap_32_43_ids_that_would_match_nothing_or_too_much_are_refused"),
    33: (TRAPS_HERE, "test_trap_33_long_numbers_in_messages_stay_as_they_are"),
    34: (TRAPS_HERE, "test_trap_34_two_rewrites_in_one_process_come_out_the_same"),
    35: (
        CRASH,
        "test_trap_35_a_rewrite_stopped_before_or_after_a_step_leaves_nothing_and_can_be_run_again",
    ),
    36: (REWRITE, "test_trap_31_36_a_history_of_nothing_but_the_bad_file_keeps_its_commits"),
    37: (REWRITE, "test_trap_37_a_replace_ref_for_something_that_goes_is_deleted"),
    38: (TRAPS_HERE, "test_trap_38_hundreds_of_annotated_tags_take_no_process_each"),
    39: (TRAPS_HERE, "test_trap_39_what_an_earlier_filter_repo_left_asks_nobody_anything"),
    40: (MIRROR, "test_trap_40_a_server_that_is_not_there_is_said_so"),
    41: (
        REWRITE,
        "test_trap_03_09_41_notes_stash_pull_refs_and_odd_refs_are_rewritten_like_branches",
    ),
    42: (TRAPS_HERE, "test_trap_42_neither_plan_nor_rewrite_leaves_the_content_in_clear"),
    43: (REWRITE, "test_trap_29_43_the_same_content_at_other_paths_and_modes_goes_too"),
    44: (PUSH, "test_trap_44_a_hidden_pull_request_ref_is_left_to_the_platforms_support"),
    45: (PUSH, "test_trap_45_a_branch_made_meanwhile_is_never_deleted"),
    46: (MIRROR, "test_trap_46_a_mirror_is_private_and_forgets_its_remote"),
    47: (PUSH, "test_trap_47_a_ref_that_moves_between_the_look_and_the_push_is_not_overwritten"),
    48: (PUSH, "test_trap_48_a_server_that_refuses_one_ref_takes_none"),
    49: (TRAPS_HERE, "test_trap_49_pull_requests_are_counted_however_the_server_was_cloned"),
    50: (VERIFY, "test_trap_50_a_server_still_gives_the_blob_by_id_until_it_collects"),
}
"""Number to the file and the test that says most; others may have the number in their names too."""

IN_COPIES = {
    1: ("tag_on_a_blob",),
    3: ("note",),
    6: ("linked_worktree_elsewhere", "head_of_a_linked_worktree"),
    7: ("kept_pack",),
    8: ("borrowing", "borrowing_from_what_is_gone"),
    9: ("untracked_file_in_a_stash",),
    10: ("staged", "staged_and_nowhere_else"),
    11: ("recorded_conflict",),
    16: ("shallow", "shallow_and_clean"),
    17: ("partial", "partial_and_clean"),
    20: ("other_object_format",),
}
"""Traps that are laid in somebody's own copy as well, and which copy it is there."""

IN_PART = {
    23: "a file system that does not tell upper from lower case: refs are packed here instead",
    26: "a signature that a key made: it is text that looks like one, and never checked",
    44: "GitHub itself: `receive.hideRefs` gives the same answer word for word",
    50: "GitHub itself: a server of git's own serves and collects here",
}
"""What of a trap this machine cannot show, by number."""


def numbers(name):
    """Give the traps that the name of a test begins with."""
    return claims.numbers(name, r"_trap(?:_\d\d)+")


def test_every_trap_is_in_the_table():
    assert sorted(TRAPS) == list(range(1, 51))
    assert set(IN_PART) <= set(TRAPS)
    assert set(IN_COPIES) <= set(TRAPS)


@pytest.mark.parametrize("number", TRAPS)
def test_a_test_holds_breachkit_to_it(number):
    file, name = TRAPS[number]

    assert name in functions(file), f"{file} has no test {name!r}"
    assert number in numbers(name)


@pytest.mark.parametrize("number", IN_COPIES)
def test_a_copy_has_the_trap_in_it(number):
    assert set(IN_COPIES[number]) <= set(COPIES)


def test_numbers_in_names_are_read_as_they_stand():
    assert numbers("test_trap_03_09_41_notes") == {3, 9, 41}
    assert numbers("test_trap_38_400_tags") == {38}
    assert numbers("test_a_plan_of_trap_12") == set()
