"""Git: the guarded command, addresses, clones, and reading a repository."""
