"""Short cases of our own: a small repository with decoys, a report in somebody's words, and where the cause is."""
