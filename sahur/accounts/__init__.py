"""Users, teams, roles, API tokens, socket tickets and the audit log."""
