"""Calling models.

* `client`     one door to all models: roles, fallbacks, usage
* `asking`     one configured model: asked, asked again, its answer read
* `streaming`  one answer, streamed
* `answers`    what an answer is worth: whole, cut, refused
* `factory`    the chat model behind a configured name; `openai_model` what LangChain leaves out of OpenAI's streams
* `named`      models, addresses and keys as settings name them
* `failures`   vendors' exceptions as ours; `patience` how long they ask to be left alone
* `rests`      which models are left alone for a while
* `caching`    prompt caches that have to be told what to keep
* `structured` answers in a schema, by a forced tool call
* `prices`     what tokens cost; `usage` what an answer did
* `offline`    the rule-based model that runs where none is configured
"""
