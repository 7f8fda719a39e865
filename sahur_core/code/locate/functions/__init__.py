"""Functions by how likely they hold the cause.

The candidates are the functions of the likeliest files and those that the report names (`candidates.py`). A first look
takes what the index knows of each (`words.py`, `names.py`, `shape.py`), a second one reads the code of those that come
out best (`reading.py`) and follows calls from them (`callers.py`). Both weigh their signals by a small trained model.
"""
