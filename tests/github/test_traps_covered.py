"""The sixty traps of GitHub's API, each with a test that holds breachkit itself to it.

A test of the stand-in alone does not count: that the trap is laid does not show who steps into it.
"""

import re
from pathlib import Path

import pytest

from tests.support import claims
from tests.support.claims import functions


OF_THE_STAND_IN = re.compile(
    r"test_hub_(description|git|graphql|reads|recorded|traps|world|writes)\.py"
)

CLIENT = "github/test_client.py"
RESTRICT = "github/test_restrict.py"
RESTORE = "github/test_restore.py"
MET = "github/test_hub_traps_met.py"
COPIES = "github/test_hub_traps_copies.py"
EVERYWHERE = "github/test_hub_traps_everywhere.py"
LISTING = "github/test_listing.py"
SERVED = "github/test_verify_server.py"
PROTECTIONS = "github/test_protections.py"
PUSH = "github/test_push.py"
PUSH_CRASH = "github/test_push_crash.py"
CONTAINMENT = "unit/test_containment.py"
TRACING = "unit/test_tracing.py"

TRAPS = {
    1: (CLIENT, "test_t01_a_read_at_an_old_name_follows_and_a_change_there_is_refused"),
    2: (RESTRICT, "test_t02_an_answer_of_200_that_leaves_it_public_is_told_loudly"),
    3: (RESTRICT, "test_t03_what_caches_still_show_is_looked_at_again"),
    4: (RESTRICT, "test_t04_an_internal_repository_is_made_private_and_made_internal_again"),
    5: (
        RESTRICT,
        "test_t05_where_only_owners_may_change_visibility_the_rest_is_closed_and_they_are_named",
    ),
    6: (CLIENT, "test_t06_no_token_no_sign_on_no_rights_and_no_sight_are_told_apart"),
    7: (
        CLIENT,
        "test_t07_a_secondary_limit_on_a_change_is_waited_for_and_the_change_sent_again",
    ),
    8: (CLIENT, "test_t08_a_bare_429_is_waited_for_a_minute_as_github_asks"),
    9: (CLIENT, "test_t09_a_change_that_happened_without_an_answer_is_not_sent_again"),
    10: (CLIENT, "test_t10_a_connection_that_ends_or_cuts_an_answer_is_tried_again"),
    11: (RESTRICT, "test_t11_a_limit_in_the_middle_ends_and_goes_on_when_it_is_run_again"),
    12: (
        "github/test_large.py",
        "test_t12_300_forks_120_people_and_40_rules_are_closed_in_time_and_in_few_requests",
    ),
    13: (
        MET,
        "test_t13_of_more_than_a_page_of_people_and_keys_none_is_skipped_while_they_are_removed",
    ),
    14: (RESTORE, "test_t14_t15_every_role_comes_back_as_it_was_and_who_must_accept_is_named"),
    15: (RESTORE, "test_t14_t15_every_role_comes_back_as_it_was_and_who_must_accept_is_named"),
    16: (RESTRICT, "test_t16_the_plan_says_who_can_still_read"),
    17: (
        CONTAINMENT,
        "test_t17_an_invitation_by_mail_is_cancelled_and_cannot_be_undone_and_an_expired_one_is_left",
    ),
    18: (RESTRICT, "test_t18_who_accepts_an_invitation_meanwhile_is_removed_after_all"),
    19: (CONTAINMENT, "test_t19_the_last_administrator_is_never_removed"),
    20: (
        RESTRICT,
        "test_t20_somebody_who_changed_their_login_meanwhile_is_removed_all_the_same",
    ),
    21: (
        CLIENT,
        "test_t21_forks_are_found_at_every_level_and_one_that_vanishes_stays_in_the_list",
    ),
    22: (
        RESTRICT,
        "test_t22_new_forks_are_noticed_though_the_platform_lists_none_any_more",
    ),
    23: (
        COPIES,
        "test_t23_a_fork_with_commits_of_its_own_is_a_copy_with_a_holder_who_loses_work",
    ),
    24: (MET, "test_t24_stars_beyond_what_is_listed_are_said_to_be_missing"),
    25: (MET, "test_t25_traffic_that_may_not_be_seen_is_refused_and_not_nought"),
    26: (
        PROTECTIONS,
        "test_t26_on_a_free_plan_the_rules_of_a_private_repository_are_refused",
    ),
    27: (PUSH_CRASH, "test_t27_a_push_that_is_killed_at_any_change_of_a_rule_goes_on"),
    28: (
        PROTECTIONS,
        "test_t28_t31_what_is_read_of_a_protection_puts_it_back_in_all_its_fields",
    ),
    29: (PUSH, "test_t29_a_ruleset_that_cannot_be_put_back_exactly_is_not_switched_off"),
    30: (
        PUSH,
        "test_t30_what_a_rule_of_the_organisation_refuses_is_left_out_and_the_rest_is_pushed",
    ),
    31: (
        PROTECTIONS,
        "test_t28_t31_what_is_read_of_a_protection_puts_it_back_in_all_its_fields",
    ),
    32: (PROTECTIONS, "test_t32_a_rule_with_a_pattern_changes_in_what_is_named_alone"),
    33: (PUSH, "test_t33_t37_refs_of_the_platform_are_told_and_stop_nothing"),
    34: (PUSH, "test_t34_where_the_server_refuses_all_because_of_one_each_is_pushed_for_itself"),
    35: (PUSH, "test_t35_where_somebody_pushed_nothing_is_lifted"),
    36: (MET, "test_t36_the_default_branch_is_never_deleted_even_where_all_of_it_goes"),
    37: (PUSH, "test_t33_t37_refs_of_the_platform_are_told_and_stop_nothing"),
    38: (SERVED, "test_t38_before_support_every_way_still_serves_and_after_it_none"),
    39: (SERVED, "test_t39_a_blob_is_asked_for_though_the_commit_answers_404"),
    40: (SERVED, "test_t40_what_only_a_fork_has_comes_through_the_parent_and_the_fork_is_named"),
    41: (SERVED, "test_t41_an_answer_counts_for_the_object_that_was_asked_for_and_no_other"),
    42: (SERVED, "test_t42_a_clone_that_has_the_object_itself_does_not_answer_for_the_server"),
    43: (SERVED, "test_t43_a_token_that_does_not_see_the_objects_proves_nothing"),
    44: (COPIES, "test_t44_a_wiki_is_told_and_its_own_history_is_scanned_by_its_url"),
    45: (
        COPIES,
        "test_t45_what_actions_releases_and_pages_hold_are_entries_of_their_own",
    ),
    46: (
        COPIES,
        "test_t46_that_numbers_may_be_pasted_in_text_is_told_and_none_is_kept_or_shown",
    ),
    47: (TRACING, "test_t47_pull_requests_from_forks_that_are_gone_keep_their_commits"),
    48: (TRACING, "test_t48_what_a_force_push_took_off_is_still_on_the_server"),
    49: (
        CLIENT,
        "test_t49_neither_a_redirect_nor_a_link_leads_the_token_to_another_server",
    ),
    50: (
        MET,
        "test_t50_the_path_of_an_enterprise_server_is_before_every_request_once",
    ),
    51: (
        LISTING,
        "test_t51_what_became_public_or_came_in_is_swept_though_its_last_push_is_old",
    ),
    52: (LISTING, "test_t52_no_date_settles_a_repository_nor_that_there_is_none"),
    53: (CLIENT, "test_t53_what_was_read_before_is_asked_for_by_its_tag"),
    54: (
        EVERYWHERE,
        "test_t54_t56_nobody_sees_the_token_and_whatever_is_not_confirmed_sends_no_change",
    ),
    55: (RESTRICT, "test_t54_t55_no_token_and_no_object_id_in_anything_that_is_shown_or_kept"),
    56: (
        EVERYWHERE,
        "test_t54_t56_nobody_sees_the_token_and_whatever_is_not_confirmed_sends_no_change",
    ),
    57: (RESTORE, "test_t57_giving_back_twice_finds_nothing_to_do"),
    58: (
        RESTORE,
        "test_t58_it_is_refused_while_the_data_are_served_or_copies_are_open",
    ),
    59: (
        MET,
        "test_t59_a_clock_that_is_wrong_changes_nothing_about_how_long_a_limit_lasts",
    ),
    60: (
        RESTORE,
        "test_t60_deploy_keys_keep_what_they_may_do_and_the_rest_its_settings",
    ),
}
"""Number to the file and the test that says most; others may have the number in their names too."""

IN_PART = {
    3: "how long GitHub's caches really live: a stranger's answers are made to lag instead",
    24: "forty thousand stars: the refusal is given at the second page instead",
    25: "whether counts survive a change of visibility, which nothing documents",
    34: "which of the two GitHub does, refuse one ref or all: the stand-in does either",
    41: "which pages of GitHub take a short id",
    59: "breachkit signs no JWT, it takes a token that somebody made: what is left is when limits end",
}
"""What of a trap only GitHub itself could show, by number."""


def numbers(name):
    """Give the traps that the name of a test begins with; other lists have numbers of their own."""
    return claims.numbers(name, r"(?:_t\d\d)+")


def test_every_trap_is_in_the_table():
    assert sorted(TRAPS) == list(range(1, 61))
    assert set(IN_PART) <= set(TRAPS)


@pytest.mark.parametrize("number", TRAPS, ids="T{:02}".format)
def test_a_test_holds_breachkit_to_it(number):
    file, name = TRAPS[number]

    assert name in functions(file), f"{file} has no test {name!r}"
    assert number in numbers(name)
    assert OF_THE_STAND_IN.fullmatch(Path(file).name) is None


def test_numbers_in_names_are_read_as_they_stand():
    assert numbers("test_t07_t08_a_limit") == {7, 8}
    assert numbers("test_t12_of_300") == {12}
    assert numbers("test_inc_t31_forks_that_are_counted") == set()
    assert numbers("test_a_plan_of_t12") == set()
