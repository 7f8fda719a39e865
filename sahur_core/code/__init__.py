"""Reading code: git access, languages, stack traces, index, ranked search and fault localization. Plain Python, no service.

* `git`         how git is run, which addresses may be cloned, one bare clone per repository, and reads of it
* `languages`   definitions, imports, references and texts of source files, and what a file is for
* `traces`      stack traces and other things that a report names, mapped to the files of a repository
* `index`       what was parsed out of files and commits, searchable at every commit
* `locate`      report in, ranked files, functions and commits out, with reasons
* `evaluate`    how often that is right, on a repository's own past fixes
* `prepare`     clone, resolve and index in one step (what the indexer calls)
* `records`     the plain data all of these return
"""
