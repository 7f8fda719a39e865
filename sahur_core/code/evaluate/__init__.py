"""How good `locate` is on a repository's own past: its fix commits as questions, beside plain BM25."""
