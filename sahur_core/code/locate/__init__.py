"""Fault localization: from a report to files, functions and commits, each with its reasons."""
