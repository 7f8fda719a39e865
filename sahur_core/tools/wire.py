"""What the gateway and its callers agree on beyond MCP (docs/architecture.md): names in metadata, the token's audience."""

from __future__ import annotations

TOKEN_AUDIENCE = "sahur-mcp"  # noqa: S105 (a name, not a secret)
"""`aud` of an attempt's token."""
RUN_SUBJECT = "run"
"""`sub` of an attempt's token is `run:<run id>`."""
RECHECK_SUBJECT = "recheck"
"""`sub` of the token for one reading call that is made again is `recheck:<receipt id>`."""

META_RECEIPT = "sahur/receipt"
"""Id of the call's receipt."""
META_STATUS = "sahur/status"
"""A `ToolResultStatus`."""
META_DURATION = "sahur/duration_ms"
META_RECEIPT_OF = "sahur/receipt_of"
"""Of a page of a kept result: the receipt that it is a page of, which is the one to cite."""
META_PAGE = "sahur/page"
"""From our own server `receipts`: which part of a kept result its answer is, in words."""

READ_RECEIPT = "receipts__read"
"""The tool that reads on in a result that was cut."""

META_ORIGIN = "sahur/origin"
"""Of a listed tool: `own` if we wrote what it says of itself; anything else, or nothing, means that others did."""
ORIGIN_OWN = "own"
META_HOSTS = "sahur/hosts"
"""Of a foreign tool: the hosts whose links its server reads, where its entry names any."""
META_UNAVAILABLE = "sahur/unavailable"
"""Of a list of tools: {upstream: why} for those that offer nothing now."""
META_LEFT_OUT = "sahur/left_out"
"""Of a list of tools: how many more may be called than are listed."""
LIST_PARAMETER = "catalog"
"""Of the gateway's address: `all` lists every tool whatever their number, `search` only those of our own servers."""
CATALOG_CALL = "catalog__call_tool"
"""Calls the tool that its arguments name, and is judged and recorded as that call."""
CATALOG_SEARCH = "catalog__search_tools"

SANDBOX = "sandbox"
"""Our own server that runs a team's test command. It is there only where the operator has switched it on."""
TEST_PATCH = "sandbox__test_patch"
"""Is called by the workflow for a patch that applies; no model is handed it."""

READ_RESOURCE = "read_resource"
GET_PROMPT = "get_prompt"
"""Rules, tokens and receipts speak of an upstream's resources and prompts as of two more tools with these names."""
