"""What the model gets to see.

* `framing`     untrusted text as data, in a frame that its content cannot close
* `results`     a tool's result as text: compact, cut to a budget, and readable again
* `history`     rows of the transcript as messages, and back
* `compaction`  a conversation within its budget, without losing what is cited
"""
