"""Calling models.

* `client`     one door to all models: streaming, retries, structured answers, usage
* `factory`    the chat model behind a configured name
* `failures`   vendors' exceptions as ours
* `structured` answers in a schema, by a forced tool call
* `prices`     what tokens cost
* `offline`    the rule-based model that runs where none is configured
"""
