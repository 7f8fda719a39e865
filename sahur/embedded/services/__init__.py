"""PostgreSQL and Valkey from their wheels, run as plain foreground processes: no root, no Docker, no system user."""
