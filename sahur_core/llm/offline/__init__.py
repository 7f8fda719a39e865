"""The offline model: rules that read the same messages as any model and answer in the same form.

It runs where no language model is configured. It knows only what is in the messages: the report, the results of tools,
the tools it may call. It follows the way an engineer takes: rank, read the suspects, ask who changed them, read those
commits, see whether a change fits the failure, and give up where nothing does.

* `model`       LangChain's `BaseChatModel` around the rules
* `dossier`     what the messages say, as facts
* `failure`     the exception, its frames and the failing expression
* `words`      words and names in reports and code
* `changes`    what a changed place does
* `suspects`   places in the code that may be part of the failure
* `hypotheses` which change fits the failure, and why
* `fits`        one rule per kind of exception
* `findings`   what is recorded as evidence and claimed
* `plan`       which call comes next
* `answers`     the forms: triage, answer, review
"""
