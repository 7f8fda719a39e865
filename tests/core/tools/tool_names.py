"""Names of the tools of real servers (November 2026), and what a model would search for to find one of them."""

from __future__ import annotations

_NAMES = {
    "everything": """
        echo get-annotated-message get-env get-resource-links get-resource-reference get-structured-content get-sum
        get-tiny-image gzip-file-as-resource simulate-research-query toggle-simulated-logging toggle-subscriber-updates
        trigger-long-running-operation
    """,
    "filesystem": """
        create_directory directory_tree edit_file get_file_info list_allowed_directories list_directory
        list_directory_with_sizes move_file read_file read_media_file read_multiple_files read_text_file search_files
        write_file
    """,
    "github": """
        add_comment_to_pending_review add_issue_comment add_sub_issue assign_copilot_to_issue cancel_workflow_run
        create_and_submit_pull_request_review create_branch create_gist create_issue create_or_update_file
        create_pending_pull_request_review create_pull_request create_repository delete_file
        delete_pending_pull_request_review delete_workflow_run_logs dismiss_notification download_workflow_run_artifact
        fork_repository get_code_scanning_alert get_commit get_dependabot_alert get_discussion get_discussion_comments
        get_file_contents get_issue get_issue_comments get_job_logs get_latest_release get_me get_notification_details
        get_pull_request get_pull_request_comments get_pull_request_diff get_pull_request_files get_pull_request_reviews
        get_pull_request_status get_secret_scanning_alert get_tag get_team_members get_teams get_workflow_run
        get_workflow_run_logs get_workflow_run_usage list_branches list_code_scanning_alerts list_commits
        list_dependabot_alerts list_discussion_categories list_discussions list_gists list_issue_types list_issues
        list_notifications list_pull_requests list_releases list_secret_scanning_alerts list_sub_issues list_tags
        list_workflow_jobs list_workflow_run_artifacts list_workflow_runs list_workflows manage_notification_subscription
        manage_repository_notification_subscription mark_all_notifications_read merge_pull_request push_files remove_sub_issue
        reprioritize_sub_issue request_copilot_review rerun_failed_jobs rerun_workflow_run run_workflow search_code
        search_issues search_orgs search_pull_requests search_repositories search_users submit_pending_pull_request_review
        update_gist update_issue update_pull_request update_pull_request_branch
    """,
    "gitlab": """
        create_branch create_issue create_merge_request create_or_update_file create_repository fork_repository
        get_file_contents push_files search_repositories
    """,
    "memory": """
        add_observations create_entities create_relations delete_entities delete_observations delete_relations open_nodes
        read_graph search_nodes
    """,
    "notion": """
        API-create-a-comment API-create-a-data-source API-delete-a-block API-get-block-children API-get-self API-get-user
        API-get-users API-list-data-source-templates API-move-page API-patch-block-children API-patch-page API-post-page
        API-post-search API-query-data-source API-retrieve-a-block API-retrieve-a-comment API-retrieve-a-data-source
        API-retrieve-a-database API-retrieve-a-page API-retrieve-a-page-property API-retrieve-page-markdown API-update-a-block
        API-update-a-data-source API-update-page-markdown
    """,
    "playwright": """
        browser_click browser_close browser_console_messages browser_drag browser_drop browser_emulate_media browser_evaluate
        browser_file_upload browser_fill_form browser_find browser_handle_dialog browser_hover browser_navigate
        browser_navigate_back browser_network_request browser_network_requests browser_press_key browser_resize
        browser_run_code_unsafe browser_select_option browser_snapshot browser_tabs browser_take_screenshot browser_type
        browser_wait_for
    """,
    "sentry": """
        analyze_issue_with_seer create_dsn create_project create_team find_dsns find_organizations find_projects find_releases
        find_teams get_doc get_event_attachment get_issue_tag_values get_profile_details get_replay_details
        get_sentry_resource search_docs search_events search_issue_events search_issues update_issue update_project whoami
    """,
    "slack": """
        slack_add_reaction slack_get_channel_history slack_get_thread_replies slack_get_user_profile slack_get_users
        slack_list_channels slack_post_message slack_reply_to_thread
    """,
}

TOOL_NAMES = [f"{server}__{name}" for server, names in _NAMES.items() for name in names.split()]

SEARCHES = [
    ("search issues in sentry", "sentry__search_issues"),
    ("which commits were made lately", "github__list_commits"),
    ("logs of a failed CI job", "github__get_job_logs"),
    ("failed workflow runs", "github__list_workflow_runs"),
    ("read a file from the repository", "github__get_file_contents"),
    ("diff of a pull request", "github__get_pull_request_diff"),
    ("files changed in a PR", "github__get_pull_request_files"),
    ("who approved the pull request", "github__get_pull_request_reviews"),
    ("find code that mentions a function", "github__search_code"),
    ("open issues with a label", "github__list_issues"),
    ("comments on an issue", "github__get_issue_comments"),
    ("comment on an issue", "github__add_issue_comment"),
    ("create a bug ticket", "github__create_issue"),
    ("latest release of the project", "github__get_latest_release"),
    ("vulnerable dependencies", "github__list_dependabot_alerts"),
    ("leaked credentials alerts", "github__list_secret_scanning_alerts"),
    ("rerun failed jobs", "github__rerun_failed_jobs"),
    ("details of one commit", "github__get_commit"),
    ("tags of the repository", "github__list_tags"),
    ("members of a team", "github__get_team_members"),
    ("post a message to a channel", "slack__slack_post_message"),
    ("what was said in the slack channel", "slack__slack_get_channel_history"),
    ("replies in a thread", "slack__slack_get_thread_replies"),
    ("find a slack user by profile", "slack__slack_get_user_profile"),
    ("list channels", "slack__slack_list_channels"),
    ("stack trace of an error event", "sentry__search_issue_events"),
    ("errors in production in the last day", "sentry__search_events"),
    ("distribution of tag values of an issue", "sentry__get_issue_tag_values"),
    ("session replay", "sentry__get_replay_details"),
    ("profile of slow transaction", "sentry__get_profile_details"),
    ("root cause analysis by AI", "sentry__analyze_issue_with_seer"),
    ("which release introduced the error", "sentry__find_releases"),
    ("sentry projects of the organization", "sentry__find_projects"),
    ("read a text file from disk", "filesystem__read_text_file"),
    ("find files by name pattern", "filesystem__search_files"),
    ("size and modification time of a file", "filesystem__get_file_info"),
    ("tree of directories", "filesystem__directory_tree"),
    ("rename a file", "filesystem__move_file"),
    ("screenshot of the page", "playwright__browser_take_screenshot"),
    ("console messages of the browser", "playwright__browser_console_messages"),
    ("http requests of the web page", "playwright__browser_network_requests"),
    ("search notion pages", "notion__API-post-search"),
    ("content of a notion page as markdown", "notion__API-retrieve-page-markdown"),
    ("query a database in notion", "notion__API-query-data-source"),
    ("search the knowledge graph", "memory__search_nodes"),
    ("create a merge request in gitlab", "gitlab__create_merge_request"),
    ("merge a pull request", "github__merge_pull_request"),
    ("mark notifications as read", "github__mark_all_notifications_read"),
    ("discussions of the community", "github__list_discussions"),
    ("get_workflow_run_logs", "github__get_workflow_run_logs"),
]
