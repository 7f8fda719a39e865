"""What people, and what SAHUR depends on outside, do to a run: proven with real processes."""
