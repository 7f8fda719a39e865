"""Programming languages: definitions, imports, and the texts that a program can write."""
