"""What a model writes is as untrusted as what it has read: made harmless before anybody, or anything, gets it.

* `links`   addresses that nobody has vouched for do not become links
* `guard`   a model's words without secrets and such links, and what it is told without secrets
"""
