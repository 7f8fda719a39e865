"""Every write of SAHUR's memory: one verb, one transaction, its event and its effects.

Locks are taken in one order everywhere: issue, repository and its checkouts, run, message or request rows, and the lease
row last. The issue's time of change is set at the very end, which is safe because nobody who holds an issue waits for a run
of before; who goes on from one, or speaks to one, locks that run first. They are `FOR NO KEY UPDATE`: an event's foreign key
takes a share lock on its run, and a full lock would wait for it the wrong way round.
"""
