"""The way to a server: processes and HTTP connections, bounded, and what is said where they fail."""
