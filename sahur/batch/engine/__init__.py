"""The run engine: claim, lease, events, finish. PostgreSQL is the truth; design: docs/architecture.md."""
