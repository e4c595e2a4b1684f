"""What a response to a breach must not fall for, each with the tests that lay the trap."""

from tests.support.requirements import held


COPIES = "git/test_verify_clone.py::test_both_ways_of_looking_say_the_same_of_every_copy_and_change_nothing"

INCIDENT_TRAPS = {
    1: held("a shallow clone lacks the commit and has the file", COPIES),
    2: held(
        "looking through a partial clone must not fetch what it lacks",
        "git/test_verify_clone.py::test_a_partial_copy_is_looked_through_without_fetching",
    ),
    3: held("a tag of a job runner keeps the old commit for ever"),
    4: held("a file that only a stash has", COPIES),
    5: held("a file that only a linked work tree has", COPIES),
    6: held("a file that is only staged", COPIES),
    7: held("a copy that borrows objects from another", COPIES),
    8: held("kept packs, bundles, refs of an earlier rewrite, submodules", COPIES),
    9: held(
        "a clean tip, and the file behind a tag, a note or a pull request",
        "workflows/test_scan_shapes.py::test_every_kind_of_ref_is_followed",
        "git/test_verify.py::test_a_pull_request_ref_that_still_holds_the_blob_is_named_as_the_platforms",
    ),
    10: held(
        "the same content under another name, mode or with other line ends",
        "git/test_rewrite.py::test_trap_29_43_the_same_content_at_other_paths_and_modes_goes_too",
        "git/test_verify_clone.py::test_a_file_with_other_line_ends_is_listed_under_the_same_number",
        "workflows/test_watch_refs.py::test_the_same_file_with_other_line_ends_is_noticed",
    ),
    11: held(
        "data in messages, names of refs, people and files",
        "workflows/test_scan.py::test_a_number_in_a_message_or_a_persons_name_is_found",
        "workflows/test_scan.py::test_a_branch_named_after_a_patient_is_found_at_what_it_leads_to",
        "workflows/test_scan.py::test_a_file_named_after_a_patient_is_found_and_its_name_is_evidence",
    ),
    12: held(
        "an old clone that merges and pushes brings everything back",
        "git/test_stale_clones.py::test_r52_pull_that_merges_and_push_bring_everything_back_without_a_conflict",
        "workflows/test_watch_refs.py::test_r52_a_merge_with_the_old_history_is_noticed",
    ),
    13: held(
        "holders who rewrite for themselves get another history",
        "unit/test_mail_texts.py::test_nobody_opens_the_files_or_cleans_on_their_own",
    ),
    14: held(
        "a ref that moves between plan and push",
        "git/test_push.py::test_trap_18_a_ref_that_changed_on_the_server_stops_the_whole_push",
        "git/test_push.py::test_trap_47_a_ref_that_moves_between_the_look_and_the_push_is_not_overwritten",
    ),
    15: held(
        "the map from old to new commits leaves the case",
        "cli/test_clones.py::test_nothing_that_is_printed_or_kept_outside_the_private_part_names_an_old_object",
        "workflows/test_checklist.py::test_nothing_that_leaves_the_private_part_holds_the_value_or_an_old_id",
    ),
    16: held(
        "a repository with other object ids",
        "git/test_mirror.py::test_trap_20_a_sha256_server_is_refused",
        COPIES,
    ),
    20: held("a redacted table and a report give the count back by trying"),
    21: held(
        "a key that serves two cases, or leaves its own",
        "workflows/test_case_files.py::test_a_fingerprint_is_the_same_within_a_case_and_tells_outsiders_nothing",
    ),
    22: held(
        "the message of an exception quotes a cell",
        "cli/test_exit_codes.py::test_1_an_unexpected_error_says_where_and_nothing_of_its_message",
        "cli/test_canary.py::test_no_planted_value_is_in_anything_that_any_command_gives_back",
    ),
    23: held("values that can be asked for are asked for in a pipe"),
    24: held(
        "the log of a scheduled scan tells what was found",
        "workflows/test_guard.py::test_the_workflow_fails_where_the_rules_find_something_and_logs_numbers_alone",
        lacking="the log of a sweep over an organisation: it is not there yet",
    ),
    25: held(
        "values and ids in disguise",
        "unit/test_lint.py::test_no_object_id_gets_through_in_any_dress",
        "unit/test_lint.py::test_no_number_stands_beside_people",
    ),
    26: held(
        "a path with somebody's name in it, in a message to outsiders",
        "unit/test_mail.py::test_outsiders_learn_no_path",
        "unit/test_mail.py::test_a_path_that_looks_like_data_is_hidden_and_the_alert_still_leaves",
    ),
    27: held("a picture of the data as an attachment"),
    30: held(
        "closing before anything was written down",
        "github/test_restrict.py::test_closing_takes_a_snapshot_first_and_journals_each_change_before_it_is_sent",
    ),
    31: held(
        "forks of forks, and one that no list shows",
        "unit/test_tracing.py::test_inc_t31_forks_that_are_counted_and_not_listed_are_asked_about",
        "github/test_client.py::test_t21_forks_are_found_at_every_level_and_one_that_vanishes_stays_in_the_list",
    ),
    32: held(
        "an anonymous 404 of a private repository",
        "github/test_verify_server.py::test_a_private_repository_is_closed_to_strangers_and_judged_with_the_token",
    ),
    33: held(
        "404, 422, 403, 451, 429 and 502 taken for one another",
        "github/test_client.py::test_t06_no_token_no_sign_on_no_rights_and_no_sight_are_told_apart",
        "github/test_client.py::test_t08_a_bare_429_is_waited_for_a_minute_as_github_asks",
        "github/test_client.py::test_a_blocked_repository_says_so",
        "github/test_verify_server.py::test_a_bad_answer_leaves_it_unknown_and_another_run_asks_that_alone",
    ),
    34: held(
        "a token of somebody who does not administer",
        "github/test_restrict.py::test_t06_who_does_not_administer_it_gets_the_words_to_send",
    ),
    35: held(
        "removing the last administrator or oneself",
        "unit/test_containment.py::test_t19_the_last_administrator_is_never_removed",
        "github/test_restrict.py::test_t19_t20_who_acts_and_who_is_authorised_stay_however_their_login_is_written",
    ),
    36: held(
        "owners of the organisation keep their access",
        "github/test_restrict.py::test_t16_the_plan_says_who_can_still_read",
    ),
    37: held(
        "an invitation that is accepted meanwhile",
        "github/test_restrict.py::test_t18_who_accepts_an_invitation_meanwhile_is_removed_after_all",
    ),
    38: held(
        "a role that comes back as another one",
        "github/test_restore.py::test_t14_t15_every_role_comes_back_as_it_was_and_who_must_accept_is_named",
    ),
    39: held(
        "a push that fails while protections are lifted",
        "github/test_push_crash.py::test_t27_a_push_that_is_killed_while_git_pushes_goes_on",
        "github/test_push_command.py::test_t27_what_is_still_lifted_is_said_loudly_by_every_command_and_comes_back",
    ),
    40: held(
        "automation gives access back within the hour",
        "github/test_restrict.py::test_what_drifts_back_is_noticed_and_closed_again",
    ),
    41: held(
        "a repository that is renamed in the middle",
        "github/test_client.py::test_t01_a_read_at_an_old_name_follows_and_a_change_there_is_refused",
        "github/test_restrict.py::test_t01_a_renamed_repository_is_confirmed_by_its_present_name",
    ),
    42: held("an archived repository takes no change"),
    43: held(
        "more forks and people than a page holds",
        "github/test_large.py::test_t12_300_forks_120_people_and_40_rules_are_closed_in_time_and_in_few_requests",
        "github/test_hub_traps_met.py::test_t13_of_more_than_a_page_of_people_and_keys_none_is_skipped_while_they_are_removed",
    ),
    44: held(
        "an empty repository, and a default branch that is not there",
        "git/test_mirror.py::test_an_empty_server_is_mirrored_with_no_refs",
        "workflows/test_scope.py::test_a_head_on_a_branch_that_does_not_exist_yet_changes_nothing",
        "workflows/test_scan_shapes.py::test_an_unborn_head_hides_no_branch",
    ),
    45: held(
        "the parent gives away what only a fork has",
        "github/test_verify_server.py::test_t40_what_only_a_fork_has_comes_through_the_parent_and_the_fork_is_named",
    ),
    46: held("a domain of one's own that somebody takes over while the site is down"),
    47: held(
        "events older than 30 days are not there any more",
        "unit/test_tracing.py::test_inc_t47_no_event_does_not_mean_no_push",
    ),
    50: held("line ends and controls in names"),
    51: held("a header that a fact begins"),
    52: held("a comma in a name makes two recipients"),
    53: held("a copy for somebody whom the others see"),
    54: held("long subjects beyond ASCII"),
    55: held("lines that begin with a dot"),
    56: held("the name of this machine in a message"),
    57: held(
        "the same facts give other bytes",
        "unit/test_mail.py::test_the_same_facts_give_the_same_bytes",
    ),
    58: held("a field that nobody declared"),
    59: held("a template that grows without end"),
    60: held("the mail server goes down in the middle"),
    61: held("signs with a meaning in a mail link"),
    62: held("an address in another script"),
    63: held("a server that refuses some"),
    64: held("labels that look like labels"),
    70: held("the clocks change within the 72 hours"),
    71: held(
        "a moment without a zone",
        "unit/test_incident_store.py::test_a_moment_that_a_user_typed_needs_a_zone",
    ),
    72: held(
        "the clock of the machine goes back",
        "unit/test_incident_folder.py::test_a_clock_that_goes_back_is_recorded_and_order_is_by_number",
    ),
    73: held("a journal that was edited, cut, reordered"),
    74: held(
        "a crash between intent and result",
        "cli/test_killed.py::test_a_push_killed_while_the_server_is_at_work_is_found_out_by_running_it_again",
    ),
    75: held(
        "two processes write at once",
        "unit/test_incident_folder.py::test_two_processes_that_append_at_once_lose_nothing_and_keep_their_order",
        "cli/test_two_at_once.py::test_of_two_long_operations_one_is_refused_and_the_other_is_named",
    ),
    76: held("the disk is full in the middle of an entry"),
    77: held("closing with a copy open"),
    78: held("data that come back, with what was reached before"),
    79: held("a false alarm after a rewrite"),
    80: held(
        "a case folder in a repository or in the cloud",
        "unit/test_incident_store.py::test_cases_are_not_kept_where_git_could_commit_them",
        "unit/test_incident_store.py::test_folders_that_are_copied_to_a_cloud_or_open_to_others_are_warned_about",
    ),
    81: held(
        "file names that are no text",
        "unit/test_incident_store.py::test_a_target_that_is_no_text_comes_back_byte_for_byte",
        "unit/test_report_json.py::test_an_undecodable_byte_never_looks_like_a_character",
        "git/test_push.py::test_ref_names_of_odd_bytes_are_pushed",
        "unit/test_mail.py::test_any_path_leaves_an_alert_that_can_be_sent",
    ),
    82: held("very long paths, 100,000 findings, 10,000 copies"),
    83: held(
        "a case folder that cannot be written",
        "unit/test_incident_files.py::test_a_case_that_cannot_be_written_can_be_read",
        "cli/test_full_disk.py::test_a_disk_that_cannot_be_written_can_be_read",
    ),
    84: held(
        "the summary of the case is deleted",
        "unit/test_incident_files.py::test_case_json_is_rebuilt_when_deleted_or_when_it_disagrees",
    ),
    90: held(
        "markup and escapes in names",
        "unit/test_report_terminal.py::test_markup_and_escapes_in_names_are_shown_and_do_nothing",
    ),
    91: held(
        "a cell that a spreadsheet runs",
        "unit/test_escape.py::test_a_cell_that_could_be_a_formula_is_text",
        "unit/test_checklist.py::test_a_spreadsheet_runs_no_cell",
    ),
    92: held(
        "signs with a meaning in Markdown",
        "unit/test_escape.py::test_markdown_leaves_no_special_character_bare",
    ),
    93: held("NO_COLOR set, empty and not set"),
    94: held("a grave action without a terminal"),
    95: held("another name typed than the target's"),
    96: held("a yes in place of the name"),
    97: held(
        "Ctrl-C",
        "cli/test_exit_codes.py::test_130_interrupted",
        "cli/test_killed.py::test_a_response_in_which_every_command_is_ended_again_and_again_ends_right",
    ),
    98: held(
        "a token in an argument, an address or a log",
        "github/test_hub_traps_everywhere.py::test_t54_a_token_in_the_url_that_a_case_is_opened_on_is_kept_nowhere",
        "github/test_client.py::test_t54_no_token_is_in_any_error_log_or_traceback",
        "git/test_process.py::test_credentials_are_masked_in_any_text",
    ),
    99: held(
        "settings of a scanned repository that run something",
        "git/test_hostile_repository.py::test_nothing_that_a_configuration_names_is_executed",
        "git/test_hostile_repository.py::test_no_hook_runs",
    ),
    100: held(
        "settings for breachkit in a scanned repository",
        "cli/test_accept.py::test_a_repository_cannot_silence_its_own_scan",
    ),
    101: held(
        "talk on standard output beside JSON",
        "cli/test_json.py::test_every_command_prints_one_object_with_a_schema_and_nothing_else",
    ),
    102: held(
        "SARIF with the exit code of a finding",
        "cli/test_exit_codes.py::test_sarif_and_no_fail_exit_with_0_when_the_scan_itself_worked",
    ),
    110: held(
        "limits and batches of Software Heritage",
        "github/test_trace.py::test_inc_t110_a_limit_is_waited_for_once_and_then_ends_the_asking",
        "github/test_trace.py::test_inc_t110_more_than_1000_ids_go_in_batches_each_with_its_control",
    ),
    111: held(
        "an index that pages, excludes or fails is no empty one",
        "github/test_trace.py::test_inc_t111_an_index_of_many_pages_is_read_to_its_end",
        "unit/test_tracing.py::test_inc_t111_an_index_that_excludes_or_does_not_answer_is_not_empty",
    ),
    112: held("a DOI for all versions and one for each"),
    113: held(
        "a list to be left out of is public itself",
        "unit/test_mail_texts.py::test_a_public_opt_out_is_warned_of",
    ),
    114: held(
        "work offline reaches nobody",
        "github/test_trace.py::test_inc_t114_no_archive_is_asked_unless_it_is_allowed",
    ),
}
"""What must not be fallen for, by number; the numbers between belong to nothing."""
