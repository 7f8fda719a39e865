"""The nodes of the graph, by stage. Repeating one is harmless: what it writes is keyed by ids made before it."""
