"""What a report links to: found in its text, and mapped to the tools that can read it. Nothing here opens an address."""
