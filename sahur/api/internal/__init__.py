"""Endpoints for the gateway: receipts, grants, token introspection, repositories."""
