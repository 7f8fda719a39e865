"""Between callers and upstreams: who may call what, what is redacted, what is recorded."""
