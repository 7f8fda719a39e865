"""One module per language or family: each reads a whole stack trace from a line on, or says that none starts there."""
