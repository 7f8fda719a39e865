"""Audit rows can only be added; a socket ticket carries the cap of the API token that asked for it.

TRUNCATE is not refused: it needs the owner's rights, and Django's test runner empties tables with it.
"""

from django.db import migrations, models

FORWARD = """
CREATE FUNCTION accounts_auditentry_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit log is append-only: % is refused.', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER accounts_auditentry_append_only BEFORE UPDATE OR DELETE ON accounts_auditentry
    FOR EACH ROW EXECUTE FUNCTION accounts_auditentry_is_append_only();
"""
BACKWARD = """
DROP TRIGGER accounts_auditentry_append_only ON accounts_auditentry;
DROP FUNCTION accounts_auditentry_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="socketticket",
            name="role",
            field=models.CharField(
                blank=True,
                choices=[("viewer", "Viewer"), ("responder", "Responder"), ("admin", "Admin")],
                help_text="The most the socket may do; empty: all that its user may.",
                max_length=10,
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
