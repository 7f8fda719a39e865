"""Our own MCP servers, thin over sahur_core."""
