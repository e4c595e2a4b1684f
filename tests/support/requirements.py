"""What a response to a breach has to be able to do, and what it must not fall for, each with its tests.

The numbers are those that names of tests carry: `test_inc_044_...` for what has to be so, and
`test_incident_trap_74_...` for the traps. Numbers of other lists, such as the sixty traps of
GitHub's API, stand in names of their own.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Held:
    """One claim, the tests that say most about it, and what of it no test here can say."""

    claim: str
    tests: tuple[str, ...] = ()
    """Each `folder/file.py::name` below `tests`; names that carry the number need not stand here."""
    lacking: str = ""
    """What is not held, and why; where there are no tests, why there can be none."""


def held(claim: str, *tests: str, lacking: str = "") -> Held:
    """Give one claim with its tests."""
    return Held(claim, tests, lacking)


REQUIREMENTS = {
    1: held(
        "a case opens with nothing but a name, offline and at once",
        "workflows/test_case.py::test_a_case_is_opened_without_any_network",
        "unit/test_incident_store.py::test_a_case_needs_nothing_but_a_name",
    ),
    2: held(
        "a suspicion and a near miss are enough to open one",
        "unit/test_incident_store.py::test_a_case_needs_nothing_but_a_name",
    ),
    3: held(
        "discovery, awareness and opening are moments of their own, corrected by new entries alone",
        "workflows/test_case.py::test_a_correction_names_what_it_corrects_and_needs_a_reason_and_sense",
        "unit/test_incident_store.py::test_everything_that_is_known_at_the_start_comes_back_from_the_journal",
        "unit/test_incident_store.py::test_a_moment_that_a_user_typed_needs_a_zone",
    ),
    4: held("72 elapsed hours from awareness, in local time and UTC, and late asks for reasons"),
    5: held("a severity may wait, and of two the higher counts until somebody decides"),
    6: held(
        "every case has a number of its year and a random codename of two words",
        "unit/test_incident_store.py::test_each_case_gets_the_next_number_of_its_year_and_its_own_codename",
        "unit/test_incident_store.py::test_codenames_avoid_those_taken_and_are_random_unless_told_otherwise",
    ),
    7: held(
        "a second case on a repository is offered the first",
        "workflows/test_case.py::test_a_second_case_on_the_same_repository_is_offered_the_first_and_journals_it",
        "workflows/test_case.py::test_a_repository_with_an_open_case_gets_no_second_one_by_mistake",
    ),
    8: held("one command takes the first hour: opened, written down, alert ready, closing planned"),
    9: held(
        "no case folder where git could commit it",
        "unit/test_incident_store.py::test_cases_are_not_kept_where_git_could_commit_them",
        "unit/test_incident_store.py::test_a_link_into_a_work_tree_is_seen_through",
    ),
    10: held(
        "folders 0700, files 0600, and an ignore file",
        "unit/test_incident_files.py::test_folders_are_for_their_owner_alone_even_with_a_lax_umask",
    ),
    11: held(
        "contacts come from a dated profile with a source, and none is active before somebody chooses",
        "workflows/test_notify.py::test_nobody_is_told_until_contacts_are_chosen",
        "workflows/test_notify.py::test_choosing_contacts_is_journalled_with_the_digest_of_the_file",
    ),
    12: held(
        "the contacts of 2021 and of 2026 ship, and choosing is journalled",
        "workflows/test_notify.py::test_choosing_contacts_is_journalled_with_the_digest_of_the_file",
    ),
    13: held(
        "a profile that nobody checked for 180 days warns at every message",
        "workflows/test_notify.py::test_an_old_profile_warns_when_chosen_and_on_every_message",
    ),
    14: held("every role has a phone number, an address, a deputy and hours"),
    15: held("whoever does not answer is followed by a deputy and a script for the phone"),
    16: held("with whom it was shared is asked, and the answers are copies"),
    17: held(
        "before anything is closed, what closing destroys is written down",
        "github/test_restrict.py::test_closing_takes_a_snapshot_first_and_journals_each_change_before_it_is_sent",
        "github/test_restrict.py::test_a_snapshot_is_private_hashed_dated_and_changes_nothing",
        "github/test_restrict.py::test_a_fast_snapshot_reads_what_containment_destroys_and_is_complete",
    ),
    18: held(
        "what could not be written down stops no closing, and the gap is recorded",
        "github/test_restrict.py::test_a_snapshot_goes_on_past_what_fails_and_says_what_that_was",
        "github/test_restrict.py::test_what_could_not_be_read_is_in_the_plan_and_in_the_exit_code",
    ),
    19: held(
        "closing is planned, its consequences are listed, and it needs the name typed in full",
        "github/test_restrict.py::test_t56_a_plan_sends_no_change_and_stands_on_a_screen_of_80_columns",
        "github/test_restrict.py::test_nothing_is_changed_before_the_whole_name_is_typed",
    ),
    20: held(
        "who is not authorised goes, invitations with them; who acts and the last administrator stay",
        "github/test_restrict.py::test_closing_leaves_nothing_open_but_what_was_said",
        "github/test_restrict.py::test_t19_t20_who_acts_and_who_is_authorised_stay_however_their_login_is_written",
        "unit/test_containment.py::test_t19_the_last_administrator_is_never_removed",
    ),
    21: held(
        "every change keeps its inverse, and giving back leaves only the documented losses",
        "github/test_restore.py::test_after_giving_back_only_the_documented_losses_differ",
        "github/test_restore.py::test_t14_t15_every_role_comes_back_as_it_was_and_who_must_accept_is_named",
        "github/test_restore.py::test_t56_the_plan_of_a_restore_changes_nothing_and_says_what_it_waits_for",
    ),
    22: held(
        "protections that were lifted come back, and until then every command says so",
        "github/test_push_crash.py::test_t27_a_push_that_is_killed_at_any_change_of_a_rule_goes_on",
        "github/test_push_command.py::test_t27_what_is_still_lifted_is_said_loudly_by_every_command_and_comes_back",
    ),
    23: held(
        "watching notices what opens again and what comes back",
        "github/test_restrict.py::test_what_drifts_back_is_noticed_and_closed_again",
        "github/test_restrict.py::test_t22_new_forks_are_noticed_though_the_platform_lists_none_any_more",
        "github/test_watch_refs.py::test_access_and_refs_are_told_together",
        "workflows/test_watch_refs.py::test_r57_a_new_branch_from_an_old_clone_is_noticed",
    ),
    24: held("the day on which a private repository is published again is computed and due"),
    25: held(
        "who may not do something gets the words to send to who may",
        "github/test_restrict.py::test_t06_who_does_not_administer_it_gets_the_words_to_send",
        "github/test_push_command.py::test_who_does_not_administer_is_told_whom_to_ask",
        "unit/test_containment.py::test_the_words_to_send_stand_alone",
    ),
    26: held("writers are asked to stop before a rewrite"),
    27: held(
        "the scope has every commit, ref, pull request, path, rename and copy",
        "properties/test_history_reading.py::test_every_planted_blob_is_found_with_every_path_it_had",
        "properties/test_scan.py::test_a_bad_table_planted_anywhere_is_found_with_every_path_it_ever_had",
        "workflows/test_scope.py::test_what_only_an_odd_ref_holds_is_found_and_goes",
        "git/test_attribution.py::test_a_blob_that_came_moved_and_went_is_followed",
    ),
    28: held(
        "evidence is kept without values, and what could confirm one has a key of the case",
        "workflows/test_case_files.py::test_a_fingerprint_is_the_same_within_a_case_and_tells_outsiders_nothing",
        "workflows/test_scope.py::test_the_scope_is_in_the_journal_in_numbers_and_with_the_case_in_full",
        "cli/test_canary.py::test_no_planted_value_is_in_anything_that_any_command_gives_back",
    ),
    29: held(
        "the backup is encrypted, has a day on which it is destroyed, and is settled before the end",
        "git/test_backup.py::test_a_backup_says_when_it_is_to_be_destroyed",
        "git/test_backup.py::test_nothing_of_the_bundle_is_on_the_disk_in_clear",
        "workflows/test_rewrite_flow.py::test_the_backup_gives_the_old_history_back_and_its_key_is_not_in_the_case",
    ),
    30: held(
        "each piece of evidence has its moment, collector, command and digest, and who had it"
    ),
    31: held(
        "no export holds what could confirm a guess unless its audience may have it",
        "unit/test_trace.py::test_no_export_holds_an_object_id",
        "unit/test_checklist.py::test_no_export_holds_an_object_id",
        "unit/test_report_masking.py::test_no_report_for_people_shows_an_object_id_or_an_abbreviated_one",
        "cli/test_clones.py::test_nothing_that_is_printed_or_kept_outside_the_private_part_names_an_old_object",
    ),
    32: held(
        "a finding is left out by a named decision with a reason alone, and can be looked at again",
        "workflows/test_scope.py::test_a_finding_judged_harmless_is_left_and_the_reason_is_journalled",
        "workflows/test_scope.py::test_another_scope_keeps_what_the_one_before_it_left",
        "cli/test_response.py::test_findings_are_left_out_for_a_reason_and_named_by_their_number",
    ),
    33: held(
        "the threshold and the rules by which a case is judged are on record",
        "cli/test_response.py::test_the_policy_chosen_at_the_opening_judges_in_the_scope",
        "unit/test_policy.py::test_a_file_is_judged_by_the_rules_of_its_own_day",
    ),
    34: held(
        "a release is known by its trailer, and its host is shown to nobody",
        "unit/test_rules_prov.py::test_a_release_is_told_by_its_trailer",
    ),
    35: held(
        "no sensitive value is looked up anywhere",
        "unit/test_tracing.py::test_nothing_is_asked_of_an_archive_that_is_not_allowed",
        "github/test_trace.py::test_no_archive_is_sent_the_token_or_an_id_in_an_address",
    ),
    36: held(
        "nobody is re-identified and nothing is linked",
        lacking="it is something that is not there: no reader, rule or command joins two data sets, and "
        "the modules that judge tables take one document at a time",
    ),
    37: held(
        "the journal is a chain that is only ever appended to, on the disk before a call returns",
        "unit/test_incident_folder.py::test_record_waits_for_the_disk_before_it_returns",
        "unit/test_incident_store.py::test_two_journals_never_begin_alike",
    ),
    38: held("edits, insertions, deletions and other orders are found, with the first bad line"),
    39: held("every mail carries the head of the journal, and with one of them a cut is found"),
    40: held("the head can be stamped by a third party"),
    41: held(
        "a correction is a new entry that names the old one",
        "workflows/test_case.py::test_a_correction_names_what_it_corrects_and_needs_a_reason_and_sense",
        "unit/test_incident_projection.py::test_corrections_change_the_case_and_leave_the_first_entry",
    ),
    42: held(
        "a clock that goes back is on record, and order goes by number",
        "unit/test_incident_folder.py::test_a_clock_that_goes_back_is_recorded_and_order_is_by_number",
    ),
    43: held("the journal is exported for a timeline"),
    44: held("milestones and their guards; what is refused names what lacks"),
    45: held(
        "the alert depends on nothing; who goes on without it is warned, and refused a rewrite"
    ),
    46: held("a guard is set aside for a reason alone, and some for none"),
    47: held("access comes back when the data are gone and high risks are closed"),
    48: held("after that it is verified from outside and watched for 90 days"),
    49: held("data that come back open the case again"),
    50: held(
        "whatever was cut off by the network can be gone on with",
        "cli/test_servers.py::test_a_push_whose_answer_is_lost_counts_as_interrupted_and_is_found_done",
        "github/test_crash.py::test_over_a_bad_network_it_ends_the_same_however_often_it_is_run",
        "github/test_push_crash.py::test_over_a_bad_network_it_ends_the_same_however_often_it_is_run",
    ),
    51: held(
        "a fix by revert or deletion is a finding and never the advice",
        "unit/test_rules_his_03_04.py::test_a_revert_is_a_finding_and_a_graver_one_where_something_was_found",
        "unit/test_rules_his_03_04.py::test_a_deletion_that_reads_like_a_correction_is_a_finding",
        "unit/test_report_terminal.py::test_the_report_reads_like_this",
    ),
    52: held(
        "a clone that somebody works in is never rewritten, and what the tool knows of it stays private",
        "workflows/test_scope.py::test_a_clone_somebody_works_in_is_no_server",
        "git/test_mirror.py::test_trap_46_a_mirror_is_private_and_forgets_its_remote",
        "git/test_rewrite.py::test_the_mirror_is_not_touched",
    ),
    53: held(
        "the whole file goes unless a redacted one is chosen, and then the guesses that stay are reckoned",
        "workflows/test_replacing.py::test_a_later_plan_without_options_takes_the_file_out",
        "workflows/test_replacing.py::test_the_guesses_that_an_old_id_makes_possible_are_reckoned",
        "workflows/test_replacing.py::test_a_file_that_is_not_safe_takes_a_reason",
    ),
    54: held(
        "every ref is pushed with a lease, and one that moved stops the push",
        "git/test_push.py::test_trap_18_a_ref_that_changed_on_the_server_stops_the_whole_push",
        "git/test_push.py::test_trap_47_a_ref_that_moves_between_the_look_and_the_push_is_not_overwritten",
        "cli/test_servers.py::test_a_ref_that_somebody_changed_between_plan_and_push_stops_it",
    ),
    55: held(
        "a fresh clone from the server is searched in all refs",
        "workflows/test_verify_flow.py::test_gone_takes_every_place_and_an_unchanged_history",
        "git/test_verify.py::test_a_history_brought_back_by_an_old_clone_is_present",
        "git/test_verify.py::test_an_unreachable_blob_is_present",
        lacking="a scan by the rules beside the search for the bad set: scan takes the URL of the server",
    ),
    56: held(
        "nothing is gone without a control, and it is said who asked",
        "git/test_verify.py::test_without_a_control_nothing_is_gone",
        "unit/test_served.py::test_t43_not_found_proves_something_only_between_two_controls",
        "github/test_verify_server.py::test_t43_a_token_that_does_not_see_the_objects_proves_nothing",
    ),
    57: held(
        "answers that mean absence are told from all that mean something else",
        "github/test_trace.py::test_inc057_whatever_is_no_answer_of_the_archive_is_none",
        "github/test_verify_server.py::test_a_bad_answer_leaves_it_unknown_and_another_run_asks_that_alone",
        "github/test_client.py::test_a_blocked_repository_says_so",
    ),
    58: held(
        "every kind of place is found, ruled out with a reason, or asked about",
        "unit/test_tracing.py::test_inc058_every_place_is_found_or_ruled_out_with_a_reason_or_to_ask",
        "unit/test_trace.py::test_every_place_of_the_catalogue_is_in_the_register",
    ),
    59: held(
        "only proof, a deletion or a named acceptance closes a copy",
        "unit/test_trace.py::test_nothing_closes_without_evidence_and_a_name",
        "unit/test_trace.py::test_a_word_alone_leaves_the_copy_open",
    ),
    60: held(
        "forks of forks are copies, those that were cut off by closing too",
        "unit/test_tracing.py::test_t21_forks_of_forks_are_entries_of_their_own_with_their_owner",
        "unit/test_tracing.py::test_t22_a_private_repository_lists_no_fork_and_the_snapshot_knows_them",
        "unit/test_tracing.py::test_forks_of_a_network_that_was_cut_off_are_found_and_its_gaps_are_said",
    ),
    61: held(
        "who is in the history is asked as a holder, once, and machines stand apart",
        "github/test_trace.py::test_inc061_after_the_scope_git_and_the_platform_make_one_register",
        "unit/test_trace.py::test_each_person_is_one_holder_and_bots_are_listed_apart",
        "git/test_people.py::test_committers_co_authors_reviewers_and_taggers_are_found",
    ),
    62: held(
        "those who cloned are reckoned against known holders",
        "unit/test_tracing.py::test_inc062_unique_cloners_are_compared_with_known_holders",
        "unit/test_tracing.py::test_the_unknown_cloners_never_outnumber_those_who_were_counted",
    ),
    63: held(
        "Software Heritage is asked for every address and every fork, in batches and within its limits",
        "unit/test_tracing.py::test_inc063_every_spelling_of_the_address_is_asked_for_and_every_fork",
        "unit/test_tracing.py::test_what_software_heritage_says_means",
        "github/test_trace.py::test_inc_t110_more_than_1000_ids_go_in_batches_each_with_its_control",
    ),
    64: held(
        "no service is asked without consent, and ids leave only where an address is known",
        "github/test_trace.py::test_inc064_ids_are_sent_after_an_address_is_known_and_it_is_said_and_journalled_before",
        "github/test_trace.py::test_inc_t114_no_archive_is_asked_unless_it_is_allowed",
    ),
    65: held(
        "the verifier is one file that only reads, runs in any shell and knows every kind of copy",
        "git/test_verify_clone.py::test_both_ways_of_looking_say_the_same_of_every_copy_and_change_nothing",
        "git/test_verifier_script.py::test_every_shell_can_read_it",
        "git/test_verifier_script.py::test_a_damaged_list_stops_it",
        lacking="a run under git for Windows and on macOS: busybox and dash stand in for their tools",
    ),
    66: held("a word without a result is allowed and weighs less"),
    67: held("every backend and the controller has an item for what its job runner keeps"),
    68: held("a backup that expires is due on that day"),
    69: held(
        "no takedown is sent by a program",
        "unit/test_mail.py::test_the_support_request_is_text_for_a_form_and_sends_ids_nowhere",
        "github/test_trace.py::test_t21_t56_tracing_finds_forks_of_forks_and_people_and_changes_nothing",
    ),
    70: held("a residual risk is accepted by somebody with a name, a role, a reason and a date"),
    71: held("every message comes from the case's facts, without a network"),
    72: held(
        "messages are files that mail programs open, one for each recipient, the same for the same facts",
        "unit/test_mail.py::test_the_same_facts_give_the_same_bytes",
        "unit/test_mail.py::test_a_message_parses_back_with_one_recipient_and_no_copy",
        "unit/test_mail.py::test_lines_end_in_crlf_and_fit",
    ),
    73: held(
        "what could disclose something is not written",
        "unit/test_lint.py::test_each_forbidden_thing_is_caught",
        "workflows/test_notify.py::test_where_one_message_is_refused_none_is_written",
    ),
    74: held("nothing is sent unasked, and what was sent is on record"),
    75: held("what somebody sent by hand counts"),
    76: held("who has not answered is chased, and then rung"),
    77: held(
        "no subject and no file name shows the repository to a wider audience",
        "unit/test_mail.py::test_no_subject_names_the_repository",
    ),
    78: held("what is not known is said to be not yet known"),
    79: held("an update says when the next comes, and the all-clear waits for its guards"),
    80: held("the label stands in the subject, first and last, and is one of five"),
    81: held("labels are never translated"),
    82: held("three questions and the cell of the grid are people's answers"),
    83: held("not reporting, and reporting late, needs reasons"),
    84: held("the facts for the officer stand in the order of the form"),
    85: held("a later report names the first"),
    86: held("the grid is a file with a version and a source"),
    87: held("the checklist comes from a file, with owners, days, evidence and conditions"),
    88: held(
        "ticking needs evidence, ruling out a reason, and what the journal ticks cites the entry",
        "unit/test_checklist.py::test_ticking_needs_evidence_and_a_name",
        "unit/test_checklist.py::test_the_journal_ticks_an_item_and_the_item_cites_the_entry",
    ),
    89: held("the checklist goes out in four forms and comes back by its ids"),
    90: held("a public checklist names nothing"),
    91: held("what is overdue is red, and fails a strict look"),
    92: held("what changes a server plans first, acts when told, and needs the name typed"),
    93: held("without a terminal nothing is asked"),
    94: held(
        "each exit code means one thing",
        "cli/test_exit_codes.py::test_every_code_of_the_readme_has_a_test_here",
    ),
    95: held(
        "machines get one object with a schema, alone",
        "cli/test_json.py::test_every_command_prints_one_object_with_a_schema_and_nothing_else",
        "cli/test_json.py::test_every_command_has_the_option",
    ),
    96: held(
        "colours follow what the user asked for",
        "unit/test_report_terminal.py::test_no_color_counts_only_where_it_says_something",
        "unit/test_report_terminal.py::test_a_dumb_terminal_gets_no_escapes",
    ),
    97: held(
        "no value reaches a terminal, a log or a traceback",
        "cli/test_canary.py::test_no_planted_value_is_in_anything_that_any_command_gives_back",
        "cli/test_console.py::test_a_library_that_warns_and_logs_is_not_heard_even_where_everything_is",
    ),
    98: held(
        "a token is nowhere but where it belongs",
        "github/test_hub_traps_everywhere.py::test_t54_t56_nobody_sees_the_token_and_whatever_is_not_confirmed_sends_no_change",
        "github/test_client.py::test_t54_no_token_is_in_any_error_log_or_traceback",
        "cli/test_servers.py::test_a_response_over_http_with_a_password_that_is_nowhere_to_be_found",
    ),
    99: held(
        "help, status, next and explain are there, and every help has three examples",
        "cli/test_help.py::test_every_command_has_help_with_three_examples_that_parse",
        lacking="doctor, config and a manual page: they are not there",
    ),
    100: held(
        "a drill, offline and in less than two minutes",
        "workflows/test_drill_whole.py::test_the_real_response_passes_and_says_no_value_outside_the_demonstration",
    ),
    101: held(
        "whatever strangers name is escaped for where it is shown",
        "unit/test_escape.py::test_every_place_shows_one_printable_line",
        "unit/test_escape.py::test_html_holds_no_tag_and_no_quote",
        "unit/test_escape.py::test_a_cell_that_could_be_a_formula_is_text",
        "unit/test_escape.py::test_a_header_value_is_accepted_and_stays_one_header",
        "unit/test_escape.py::test_a_shell_gives_back_exactly_the_same_bytes",
    ),
    102: held(
        "nothing that a scanned repository configures is read or run",
        "git/test_hostile_repository.py::test_nothing_that_a_configuration_names_is_executed",
        "git/test_hostile_repository.py::test_no_hook_runs",
        "git/test_process.py::test_a_local_command_may_use_no_transport",
        "cli/test_accept.py::test_a_repository_cannot_silence_its_own_scan",
    ),
    103: held(
        "what a scheduled scan finds opens a case in private",
        "workflows/test_guard.py::test_the_workflow_fails_where_the_rules_find_something_and_logs_numbers_alone",
        lacking="a sweep over an organisation: it is not there; the workflow of a guard stands for scheduled scans",
    ),
    104: held("a look back is due five working days after the end"),
    105: held("a public summary passes the strictest lint"),
    106: held("push and restore can need a second person"),
    107: held("when it was last reviewed and last practised is shown"),
    108: held("what is private is destroyed by a day that the end sets"),
}
"""What has to be so, by number."""
