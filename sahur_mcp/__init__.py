"""The tool door: an MCP gateway between agents and MCP servers, and our own MCP servers."""
