"""The thinking side of SAHUR: plain Python and LangGraph; knows no web framework, queue, database or Slack."""
