"""The thinking side of SAHUR: plain Python and LangGraph; knows no web framework, queue, database or Slack."""

__version__ = "0.1.0"
