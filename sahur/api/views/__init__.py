"""The views of the REST door, one noun per file. Each makes one call of an action, service or selector."""
