"""The workflows: one folder per LangGraph graph."""
