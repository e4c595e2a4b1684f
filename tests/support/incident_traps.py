"""What a response to a breach must not fall for, each with the tests that lay the trap."""

from tests.support.requirements import held


COPIES = "git/test_verify_clone.py::test_both_ways_of_looking_say_the_same_of_every_copy_and_change_nothing"

INCIDENT_TRAPS = {
    1: held(
        "a shallow clone lacks the commit and has the file",
        COPIES,
    ),
    2: held(
        "looking through a partial clone must not fetch what it lacks",
        "git/test_verify_clone.py::test_a_partial_copy_is_looked_through_without_fetching",
    ),
    3: held(
        "a tag of a job runner keeps the old commit for ever",
        "git/test_incident_traps.py::test_incident_trap_03_what_a_job_runner_fetched_survives_its_gc_and_is_found",
    ),
    4: held(
        "a file that only a stash has",
        COPIES,
    ),
    5: held(
        "a file that only a linked work tree has",
        COPIES,
    ),
    6: held(
        "a file that is only staged",
        COPIES,
    ),
    7: held(
        "a copy that borrows objects from another",
        COPIES,
    ),
    8: held(
        "kept packs, bundles, refs of an earlier rewrite, submodules",
        COPIES,
    ),
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
    20: held(
        "a redacted table and a report give the count back by trying",
        "unit/test_timesketch.py::test_incident_trap_20_a_count_that_somebody_typed_into_a_reason_is_withheld",
        "workflows/test_notify_kinds.py::test_incident_trap_20_no_message_confirms_a_guess_of_a_count",
        "workflows/test_report.py::test_inc_031_incident_trap_20_no_report_holds_an_object_id_a_keyed_digest_or_a_value",
        "workflows/test_report.py::test_incident_trap_20_a_guess_of_a_redacted_count_is_confirmed_by_no_report",
    ),
    21: held(
        "a key that serves two cases, or leaves its own",
        "workflows/test_case_files.py::test_a_fingerprint_is_the_same_within_a_case_and_tells_outsiders_nothing",
        "workflows/test_evidence.py::test_inc_028_incident_trap_21_no_digest_outside_of_the_private_part_confirms_a_guess",
        "workflows/test_report.py::test_incident_trap_21_the_key_of_the_case_is_in_no_report",
    ),
    22: held(
        "the message of an exception quotes a cell",
        "cli/test_exit_codes.py::test_1_an_unexpected_error_says_where_and_nothing_of_its_message",
        "cli/test_canary.py::test_no_planted_value_is_in_anything_that_any_command_gives_back",
    ),
    23: held(
        "values that can be asked for are asked for in a pipe",
        "cli/test_incident_commands.py::test_inc_097_incident_trap_23_no_command_reveals_a_value",
    ),
    24: held(
        "the log of a scheduled scan tells what was found",
        "cli/test_sweep_notify.py::test_inc_103_incident_trap_24_with_counts_the_log_holds_numbers_alone",
        "cli/test_sweep_action.py::test_it_says_how_much_is_new_and_nothing_else_and_fails",
        "workflows/test_guard.py::test_the_workflow_fails_where_the_rules_find_something_and_logs_numbers_alone",
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
        "unit/test_mail_texts.py::test_incident_trap_26_outsiders_learn_no_path_and_no_name_in_one",
    ),
    27: held(
        "a picture of the data as an attachment",
        "unit/test_mail_file.py::test_incident_trap_27_no_screenshot_and_no_extract_goes_with_a_mail",
        "unit/test_mail_file.py::test_incident_trap_27_nobody_but_holders_is_sent_the_script",
    ),
    30: held(
        "closing before anything was written down",
        "github/test_restrict.py::test_closing_takes_a_snapshot_first_and_journals_each_change_before_it_is_sent",
        "github/test_incident_traps.py::test_inc_018_incident_trap_30_what_could_not_be_written_down_stops_no_closing",
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
    42: held(
        "an archived repository takes no change",
        "github/test_incident_traps.py::test_incident_trap_42_of_an_archived_repository_what_it_takes_is_done_and_the_rest_is_told",
    ),
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
    46: held(
        "a domain of one's own that somebody takes over while the site is down",
        "github/test_incident_traps.py::test_incident_trap_46_a_site_with_a_domain_of_its_own_could_be_taken_over",
    ),
    47: held(
        "events older than 30 days are not there any more",
        "unit/test_tracing.py::test_inc_t47_no_event_does_not_mean_no_push",
    ),
    50: held(
        "line ends and controls in names",
        "unit/test_mail_file.py::test_incident_trap_50_51_52_a_hostile_name_of_a_reader_is_one_reader",
        "workflows/test_notify_kinds.py::test_incident_trap_50_51_a_hostile_target_leaves_every_message_writable",
        "unit/test_mail_file.py::test_incident_trap_50_51_a_hostile_fact_adds_no_header_and_stays_on_its_line",
        "unit/test_mail_file.py::test_incident_trap_50_a_hostile_path_leaves_an_alert_that_can_be_sent",
    ),
    51: held(
        "a header that a fact begins",
        "unit/test_mail_file.py::test_incident_trap_50_51_52_a_hostile_name_of_a_reader_is_one_reader",
        "workflows/test_notify_kinds.py::test_incident_trap_50_51_a_hostile_target_leaves_every_message_writable",
        "unit/test_mail_file.py::test_incident_trap_50_51_a_hostile_fact_adds_no_header_and_stays_on_its_line",
    ),
    52: held(
        "a comma in a name makes two recipients",
        "cli/test_notify.py::test_incident_trap_52_a_sender_with_a_comma_is_one_sender",
        "smtp/test_letter.py::test_incident_trap_52_a_comma_in_a_name_makes_no_second_recipient",
        "unit/test_mail_file.py::test_incident_trap_50_51_52_a_hostile_name_of_a_reader_is_one_reader",
        "unit/test_mail_file.py::test_incident_trap_52_a_comma_in_a_name_is_part_of_the_name",
    ),
    53: held(
        "a copy for somebody whom the others see",
        "smtp/test_client.py::test_incident_trap_53_each_letter_has_a_transaction_of_its_own",
        "smtp/test_letter.py::test_incident_trap_53_a_message_that_names_more_recipients_is_not_sent",
        "unit/test_mail_file.py::test_incident_trap_53_no_mail_names_a_second_reader",
    ),
    54: held(
        "long subjects beyond ASCII",
        "unit/test_mail_file.py::test_inc_072_incident_trap_54_lines_end_in_crlf_and_are_short",
        "unit/test_mail_file.py::test_incident_trap_54_a_long_subject_in_any_script_comes_back",
    ),
    55: held(
        "lines that begin with a dot",
        "smtp/test_client.py::test_incident_trap_55_lines_that_begin_with_dots_arrive_as_they_were",
    ),
    56: held(
        "the name of this machine in a message",
        "smtp/test_client.py::test_incident_trap_56_a_server_is_not_told_the_name_of_this_machine",
        "unit/test_mail_file.py::test_incident_trap_56_an_id_of_a_message_is_the_same_however_often_it_is_written",
    ),
    57: held(
        "the same facts give other bytes",
        "unit/test_mail.py::test_the_same_facts_give_the_same_bytes",
        "unit/test_mail_file.py::test_inc_072_incident_trap_57_the_same_facts_and_time_give_the_same_bytes",
    ),
    58: held(
        "a field that nobody declared",
        "unit/test_mail_texts.py::test_incident_trap_58_a_fact_that_nobody_declared_is_an_error_and_not_unknown",
        "unit/test_template_guard.py::test_incident_trap_58_incident_trap_59_a_template_that_could_reach_grow_or_not_end_is_refused",
        "workflows/test_playbook_check.py::test_incident_trap_58_a_template_that_no_message_could_be_written_with_is_refused",
        "unit/test_mail_texts.py::test_incident_trap_58_every_fact_there_is_can_be_named_by_a_template",
    ),
    59: held(
        "a template that grows without end",
        "unit/test_mail_texts.py::test_incident_trap_59_a_template_that_grows_is_stopped",
        "unit/test_template_guard.py::test_incident_trap_58_incident_trap_59_a_template_that_could_reach_grow_or_not_end_is_refused",
    ),
    60: held(
        "the mail server goes down in the middle",
        "cli/test_sending.py::test_incident_trap_60_killed_at_any_step_a_message_is_sent_once_or_said_to_be_unknown",
        "properties/test_sending.py::test_incident_trap_60_each_message_arrives_at_most_once_or_as_often_as_a_person_said",
        "workflows/test_sending.py::test_incident_trap_60_a_server_that_goes_down_mid_batch_leaves_the_rest_for_the_next_run",
    ),
    61: held(
        "signs with a meaning in a mail link",
        "unit/test_mail_file.py::test_incident_trap_61_a_sign_in_a_fact_stays_in_its_place",
    ),
    62: held(
        "an address in another script",
        "smtp/test_letter.py::test_incident_trap_62_a_domain_in_other_letters_is_one_address_with_its_ascii_form",
        "unit/test_mail_file.py::test_incident_trap_62_a_domain_in_another_script_is_written_in_ascii",
        "unit/test_mail_file.py::test_incident_trap_62_an_address_that_cannot_be_used_is_refused",
    ),
    63: held(
        "a server that refuses some",
        "smtp/test_client.py::test_incident_trap_63_a_refusal_is_about_one_recipient_and_the_next_letter_goes",
        "workflows/test_sending.py::test_incident_trap_63_a_refusal_is_recorded_for_its_recipient_and_stops_no_other",
        "smtp/test_client.py::test_incident_trap_63_a_wrong_password_is_a_login_refused_and_no_letter_goes",
    ),
    64: held(
        "labels that look like labels",
        "unit/test_mail_texts.py::test_inc_080_inc_081_incident_trap_64_a_label_is_never_translated_or_spelled_otherwise",
    ),
    70: held(
        "the clocks change within the 72 hours",
        "workflows/test_standing.py::test_inc_004_incident_trap_70_the_72_hours_are_elapsed_hours_across_a_change_of_the_clocks",
    ),
    71: held(
        "a moment without a zone",
        "unit/test_incident_store.py::test_a_moment_that_a_user_typed_needs_a_zone",
        "workflows/test_amending.py::test_incident_trap_71_a_moment_without_a_zone_is_refused",
    ),
    72: held(
        "the clock of the machine goes back",
        "unit/test_incident_folder.py::test_a_clock_that_goes_back_is_recorded_and_order_is_by_number",
    ),
    73: held(
        "a journal that was edited, cut, reordered",
        "properties/test_journal.py::test_inc_038_incident_trap_73_bytes_put_in_anywhere_are_noticed",
        "properties/test_journal.py::test_inc_038_incident_trap_73_every_changed_byte_is_noticed_wherever_it_is",
        "properties/test_journal.py::test_inc_038_incident_trap_73_lines_taken_out_repeated_or_moved_are_noticed_at_the_first_bad_line",
        "properties/test_journal.py::test_inc_039_incident_trap_73_entries_cut_off_at_the_end_are_noticed_with_an_anchor_only",
    ),
    74: held(
        "a crash between intent and result",
        "cli/test_killed.py::test_a_push_killed_while_the_server_is_at_work_is_found_out_by_running_it_again",
    ),
    75: held(
        "two processes write at once",
        "unit/test_incident_folder.py::test_two_processes_that_append_at_once_lose_nothing_and_keep_their_order",
        "cli/test_two_at_once.py::test_of_two_long_operations_one_is_refused_and_the_other_is_named",
        "cli/test_sending.py::test_incident_trap_75_two_who_send_at_once_send_each_message_once",
        "cli/test_two_at_once.py::test_incident_trap_75_two_processes_that_append_five_hundred_entries_each_lose_none",
    ),
    76: held(
        "the disk is full in the middle of an entry",
        "properties/test_journal.py::test_incident_trap_76_a_journal_cut_at_any_byte_goes_on_and_loses_no_byte",
    ),
    77: held(
        "closing with a copy open",
        "properties/test_guards.py::test_inc_046_incident_trap_77_no_entry_sets_aside_what_no_reason_can",
        "unit/test_incident_guards.py::test_inc_046_incident_trap_77_no_reason_closes_a_case_with_a_copy_that_nobody_answers_for",
        "workflows/test_copies.py::test_incident_trap_77_a_case_is_not_traced_while_one_copy_of_many_is_open",
    ),
    78: held(
        "data that come back, with what was reached before",
        "properties/test_guards.py::test_inc_049_incident_trap_78_nothing_that_was_reached_is_ever_forgotten",
        "unit/test_incident_states.py::test_inc_049_incident_trap_78_data_that_come_back_open_a_closed_case_and_keep_its_history",
    ),
    79: held(
        "a false alarm after a rewrite",
        "properties/test_guards.py::test_incident_trap_79_what_was_rewritten_once_is_never_a_false_alarm_again",
        "unit/test_incident_guards.py::test_incident_trap_79_a_false_alarm_cannot_be_declared_once_history_was_rewritten",
    ),
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
        "unit/test_incident_picture.py::test_incident_trap_81_82_names_of_any_kind_stand_in_the_picture_as_text",
    ),
    82: held(
        "very long paths, 100,000 findings, 10,000 copies",
        "unit/test_checklist.py::test_incident_trap_82_the_checklist_of_ten_thousand_copies_is_made_in_a_moment",
        "unit/test_incident_large.py::test_incident_trap_82_a_long_journal_is_read_and_replayed_once_by_a_command_that_only_looks",
        "unit/test_incident_picture.py::test_incident_trap_81_82_names_of_any_kind_stand_in_the_picture_as_text",
        "workflows/test_copies.py::test_incident_trap_82_ten_thousand_copies_are_changed_and_shown_in_a_moment",
        "workflows/test_report.py::test_incident_trap_81_82_paths_that_are_not_utf_8_or_very_long_stand_in_the_report",
    ),
    83: held(
        "a case folder that cannot be written",
        "unit/test_incident_files.py::test_a_case_that_cannot_be_written_can_be_read",
        "cli/test_full_disk.py::test_a_disk_that_cannot_be_written_can_be_read",
    ),
    84: held(
        "the summary of the case is deleted",
        "unit/test_incident_files.py::test_case_json_is_rebuilt_when_deleted_or_when_it_disagrees",
        "properties/test_guards.py::test_incident_trap_84_a_case_is_the_same_replayed_at_once_or_in_two_parts",
        "workflows/test_closing.py::test_incident_trap_84_all_that_was_decided_is_rebuilt_from_the_journal_alone",
    ),
    90: held(
        "markup and escapes in names",
        "unit/test_report_terminal.py::test_markup_and_escapes_in_names_are_shown_and_do_nothing",
        "cli/test_incident_commands.py::test_inc_101_incident_trap_90_what_a_name_holds_acts_on_no_terminal",
        "workflows/test_report.py::test_incident_trap_81_90_92_hostile_names_are_shown_as_names_and_keep_the_tables",
    ),
    91: held(
        "a cell that a spreadsheet runs",
        "unit/test_escape.py::test_a_cell_that_could_be_a_formula_is_text",
        "unit/test_checklist.py::test_a_spreadsheet_runs_no_cell",
        "unit/test_checklist_evidence.py::test_incident_trap_91_no_cell_of_the_spreadsheet_is_a_formula",
    ),
    92: held(
        "signs with a meaning in Markdown",
        "unit/test_escape.py::test_markdown_leaves_no_special_character_bare",
        "unit/test_checklist_import.py::test_incident_trap_92_a_hostile_name_neither_ticks_nor_hides_an_item",
        "workflows/test_report.py::test_incident_trap_81_90_92_hostile_names_are_shown_as_names_and_keep_the_tables",
    ),
    93: held(
        "NO_COLOR set, empty and not set",
        "cli/test_incident_commands.py::test_inc_096_incident_trap_93_colours_follow_what_the_user_asked_for",
    ),
    94: held(
        "a grave action without a terminal",
        "cli/test_incident_commands.py::test_inc_093_incident_trap_94_without_a_terminal_nothing_is_asked_and_the_flag_is_named",
    ),
    95: held(
        "another name typed than the target's",
        "cli/test_incident_commands.py::test_incident_trap_95_another_name_than_the_targets_confirms_nothing",
    ),
    96: held(
        "a yes in place of the name",
        "cli/test_incident_commands.py::test_inc_092_incident_trap_96_there_is_no_yes_that_stands_for_a_name",
    ),
    97: held(
        "Ctrl-C",
        "cli/test_exit_codes.py::test_130_interrupted",
        "cli/test_killed.py::test_a_response_in_which_every_command_is_ended_again_and_again_ends_right",
        "cli/test_incident_commands.py::test_incident_trap_97_a_case_is_whole_after_ctrl_c_in_any_command_on_it",
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
        "cli/test_incident_commands.py::test_incident_trap_100_settings_in_what_is_scanned_are_not_read",
    ),
    101: held(
        "talk on standard output beside JSON",
        "cli/test_json.py::test_every_command_prints_one_object_with_a_schema_and_nothing_else",
        "cli/test_incident_commands.py::test_inc_095_incident_trap_101_machines_get_one_object_whatever_is_said_beside_it",
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
    112: held(
        "a DOI for all versions and one for each",
        "github/test_incident_traps.py::test_incident_trap_112_every_version_of_a_record_is_asked_for_and_counted",
    ),
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
