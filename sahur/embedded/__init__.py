"""Starts the whole system on one machine: services, processes, first-run set-up, the sample."""
