"""Reading code: git access, symbols, index, ranked search and fault localization. Plain Python on files, no service.

* `source`      which repository addresses and paths may be cloned
* `git`         how git is run: closed environment, time-outs, capped output
* `clone`       one bare clone per repository, locked, atomic
* `repository`  reads of that clone: files, search, log, blame, show, diff
* `history`     git's output about commits, turned into records
* `symbols`     functions and classes of a file, and the chunks that are searched
* `index`       the index of one commit, content-addressed by blob
* `ranking`     tokens and BM25
* `traceback`   stack frames in a report, mapped to repository paths
* `messages`    texts that a program can write, found again in a report
* `clues`       everything a report names
* `origins`     where the values on a failing line come from
* `suspects`    the board: what speaks for each file and function
* `culprits`    the commits behind suspect code
* `locate`      report in, ranked files, functions and commits out, with reasons
* `prepare`     clone, resolve and index in one step (what the indexer calls)
* `records`     the plain data all of these return
"""
