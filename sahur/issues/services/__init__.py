"""Every write of SAHUR's memory: one verb, one transaction, its event and its effects.

Locks are taken in one order everywhere: issue, run, message or request rows, and the lease row last.
"""
