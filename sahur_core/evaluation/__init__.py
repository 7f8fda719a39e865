"""Evaluations: cases with a known outcome are investigated, and the answers are held against it (docs/evaluation.md).

* `case`      what a case file holds: report, repository or recorded results, and what the right answer is
* `recipe`    small git repositories, made from a description
* `loading`   case files and recipes, read from folders
* `memory`    the run's rows, events and waiting, in memory
* `bench`     one investigation in memory, with the real graph
* `replay`    a tool box that answers with recorded results
* `score`     one run held against its label
* `trial`     every case, several times, with every model
* `figures`   shares with intervals, for groups of runs
* `table`     the results as Markdown and as JSON

The live tools come from outside (`Surroundings` of `trial`): the core does not know the servers.
"""
