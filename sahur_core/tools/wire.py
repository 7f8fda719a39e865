"""What the gateway and its callers agree on beyond MCP (docs/architecture.md): names in metadata, the token's audience."""

from __future__ import annotations

TOKEN_AUDIENCE = "sahur-mcp"  # noqa: S105 (a name, not a secret)
"""`aud` of an attempt's token."""

META_RECEIPT = "sahur/receipt"
"""Id of the call's receipt."""
META_STATUS = "sahur/status"
"""A `ToolResultStatus`."""
META_DURATION = "sahur/duration_ms"
