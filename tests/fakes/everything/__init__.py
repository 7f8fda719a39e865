"""A server with every feature of the protocol, for the published conformance suites.

The names, texts and schemas of its tools, resources and prompts are those that the suites ask for
(modelcontextprotocol/conformance); `server.py` puts it together.
"""
