"""What is written down of each call, and what is taken out before: receipts, results, secrets."""
