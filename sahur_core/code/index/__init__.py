"""The index of a repository: what was parsed out of its files, searchable at every commit."""
