"""What a run knows for certain: tool calls with receipts, evidence made from them, claims that cite it, and the verdict.

* `diffs`    unified diffs as changed lines
* `ledger`   receipts and tool calls behind the numbers `[n]`
* `claims`   claims that nothing usable backs are dropped
* `verdict`  computed from the ledger; anything later can only lower it
"""
