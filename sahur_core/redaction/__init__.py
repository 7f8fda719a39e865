"""Secrets are taken out of texts before a model, the store, Slack or the page gets them. Gateway and server use the same.

* `patterns`   what secrets look like
* `redactor`   takes them out of texts and JSON values
* `stream`     the same for a text that comes in pieces
* `marks`      what stands in their place
"""
