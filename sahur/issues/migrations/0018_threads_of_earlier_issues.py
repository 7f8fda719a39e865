"""Each issue that was reported in Slack gets its thread, and so do its effects."""

from django.db import migrations

# An earlier report in the same thread keeps it: there is one issue for each thread.
THREADS = """
insert into issues_slackthread (id, issue_id, workspace_id, channel_id, root_ts, user_id, created_at)
select gen_random_uuid(), id, workspace, channel, root, reporter, created_at from (
    select distinct on (workspace, channel, root) * from (
        select id, created_at, coalesce(source_ref ->> 'team', '') as workspace, source_ref ->> 'channel' as channel,
            source_ref ->> 'thread_ts' as root, coalesce(source_ref ->> 'user', '') as reporter
        from issues_issue where source = 'slack'
    ) told
    where channel <> '' and root <> ''
    order by workspace, channel, root, created_at
) first
"""
EFFECTS = """
update issues_effect set thread_id = thread.id from issues_slackthread thread
where thread.issue_id = issues_effect.issue_id and issues_effect.kind like 'slack.%'
"""


class Migration(migrations.Migration):
    dependencies = [("issues", "0017_slack_threads_workspaces_people")]
    operations = [
        migrations.RunSQL(THREADS, migrations.RunSQL.noop),
        migrations.RunSQL(EFFECTS, migrations.RunSQL.noop),
    ]
