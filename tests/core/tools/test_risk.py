"""Which of the tools that people really use only read, by their names and the hints of their servers."""

from __future__ import annotations

import pytest

from sahur_core.tools.risk import Risk, tool_risk

# All of these call themselves harmless.
READS = [
    "get_commit",
    "github__list_pull_request_runs",
    "code__locate",
    "searchIssues",
    "get-release",
    "read_post",
    "list_merged",
    # GitHub's own server
    "pull_request_read",
    "issue_read",
    "actions_get",
    "actions_list",
    "get_job_logs",
    "download_workflow_run_artifact",
    "get_latest_release",
    "get_release_by_tag",
    "list_starred_repositories",
    "search_pull_requests",
    # GitLab's
    "get_merge_request",
    "list_merge_requests",
    "get_merge_request_pipelines",
    "listMergeRequests",
    # Slack's
    "slack_read_channel",
    "slack_search_public",
    # Sentry's
    "find_releases",
    "get_event_attachment",
    "search_sentry_tools",
    # others
    "list_deploy_keys",
    "query_loki_logs",
    "pods_log",
    "check_run_status",
    "list_alert_rules",
]
CHANGES = [
    "create_issue",
    "pull_request_review_write",
    "commit_files",
    "runQuery",
    "sentry__resolve_issue",
    "proxy__create_issue__get",
    "search_and_replace",
    # GitHub's own server
    "actions_run_trigger",
    "mark_all_notifications_read",
    "merge_pull_request",
    "request_copilot_review",
    "manage_notification_subscription",
    "star_repository",
    "label_write",
    "fork_repository",
    # Slack's, which puts its name before the verb
    "slack_post_message",
    "slack_schedule_message",
    "slack_reply_to_thread",
    "slack_add_reaction",
    # Sentry's: calls any other tool
    "execute_sentry_tool",
    # others
    "get_or_create_user",
    "check_and_deploy",
    "call_tool",
    "release_lock",
    "acknowledge_alert",
    "kubectl_apply",
    "pods_exec",
    "resources_scale",
]

# All tools of GitHub's own server (github/github-mcp-server, August 2026), which gives a hint with each of them.
GITHUB_READS = [
    "actions_get",
    "actions_list",
    "find_duplicate",
    "get_code_quality_finding",
    "get_code_scanning_alert",
    "get_commit",
    "get_dependabot_alert",
    "get_discussion",
    "get_discussion_comments",
    "get_file_blame",
    "get_file_contents",
    "get_gist",
    "get_global_security_advisory",
    "get_job_logs",
    "get_label",
    "get_latest_release",
    "get_me",
    "get_notification_details",
    "get_release_by_tag",
    "get_repository_tree",
    "get_secret_scanning_alert",
    "get_tag",
    "get_team_members",
    "get_teams",
    "issue_dependency_read",
    "issue_read",
    "list_branches",
    "list_code_scanning_alerts",
    "list_commits",
    "list_dependabot_alerts",
    "list_discussion_categories",
    "list_discussions",
    "list_gists",
    "list_global_security_advisories",
    "list_issue_fields",
    "list_issue_types",
    "list_issues",
    "list_label",
    "list_notifications",
    "list_org_repository_security_advisories",
    "list_pull_requests",
    "list_releases",
    "list_repository_collaborators",
    "list_repository_security_advisories",
    "list_secret_scanning_alerts",
    "list_starred_repositories",
    "list_tags",
    "projects_get",
    "projects_list",
    "pull_request_read",
    "search_code",
    "search_commits",
    "search_issues",
    "search_orgs",
    "search_pull_requests",
    "search_repositories",
    "search_users",
    "ui_get",
]
GITHUB_CHANGES = [
    "actions_run_trigger",
    "add_comment_to_pending_review",
    "add_issue_comment",
    "add_issue_comment_reaction",
    "add_issue_reaction",
    "add_pull_request_review_comment",
    "add_pull_request_review_comment_reaction",
    "add_reply_to_pull_request_comment",
    "add_sub_issue",
    "assign_copilot_to_issue",
    "assign_copilot_to_issue_with_intent",
    "create_branch",
    "create_gist",
    "create_issue",
    "create_or_update_file",
    "create_pull_request",
    "create_pull_request_review",
    "create_repository",
    "delete_file",
    "delete_pending_pull_request_review",
    "delete_repository",
    "discussion_comment_write",
    "dismiss_notification",
    "fork_repository",
    "issue_dependency_write",
    "issue_write",
    "label_write",
    "manage_notification_subscription",
    "manage_repository_notification_subscription",
    "mark_all_notifications_read",
    "merge_pull_request",
    "projects_write",
    "pull_request_review_write",
    "push_files",
    "remove_sub_issue",
    "reprioritize_sub_issue",
    "request_copilot_review",
    "request_pull_request_reviewers",
    "resolve_review_thread",
    "set_issue_fields",
    "star_repository",
    "sub_issue_write",
    "submit_pending_pull_request_review",
    "unresolve_review_thread",
    "unstar_repository",
    "update_gist",
    "update_issue_assignees",
    "update_issue_body",
    "update_issue_labels",
    "update_issue_milestone",
    "update_issue_state",
    "update_issue_title",
    "update_issue_type",
    "update_pull_request",
    "update_pull_request_body",
    "update_pull_request_branch",
    "update_pull_request_draft_state",
    "update_pull_request_state",
    "update_pull_request_title",
]


@pytest.mark.parametrize("name", [*READS, *GITHUB_READS])
def test_reading_is_harmless_if_hint_and_name_agree(name: str) -> None:
    assert tool_risk(name, read_only_hint=True) is Risk.READ


@pytest.mark.parametrize("name", CHANGES)
def test_a_verb_that_changes_something_outweighs_the_hint(name: str) -> None:
    assert tool_risk(name, read_only_hint=True) is Risk.WRITE


@pytest.mark.parametrize("name", GITHUB_CHANGES)
def test_no_changing_tool_of_github_would_be_taken_for_a_read_if_its_hint_were_wrong(name: str) -> None:
    assert tool_risk(name, read_only_hint=True) is not Risk.READ


@pytest.mark.parametrize("name", ["delete_branch", "get_and_remove", "list_purge", "files__wipeDisk"])
def test_a_verb_that_destroys_outweighs_every_hint(name: str) -> None:
    assert tool_risk(name, read_only_hint=True, destructive_hint=False) is Risk.DESTROY


@pytest.mark.parametrize("name", READS + CHANGES)
def test_without_the_hint_that_it_only_reads_a_tool_writes(name: str) -> None:
    assert tool_risk(name) is Risk.WRITE
    assert tool_risk(name, read_only_hint=False, destructive_hint=True) is Risk.DESTROY


def test_a_name_without_words_says_nothing_against_the_hint() -> None:
    assert tool_risk("echo", read_only_hint=True) is Risk.READ
    assert tool_risk("mystery", destructive_hint=True) is Risk.DESTROY
