"""Stack traces: frames as languages print them, mapped to the files of a repository."""
