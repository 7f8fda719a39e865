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


@pytest.mark.parametrize("name", READS)
def test_reading_is_harmless_if_hint_and_name_agree(name: str) -> None:
    assert tool_risk(name, read_only_hint=True) is Risk.READ


@pytest.mark.parametrize("name", CHANGES)
def test_a_verb_that_changes_something_outweighs_the_hint(name: str) -> None:
    assert tool_risk(name, read_only_hint=True) is Risk.WRITE


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
