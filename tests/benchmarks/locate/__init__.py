"""Fault localization, measured: quality on instances with known answers, training of the weights, speed beside peers."""
