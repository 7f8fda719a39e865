"""Puts an evaluation of answers together: settings become models, folders become cases, and limits become an outcome."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from sahur.batch.model_settings import role_models
from sahur_core.config import InvestigateConfig, ModelConfig
from sahur_core.errors import InputError
from sahur_core.evaluation.case import Case
from sahur_core.evaluation.figures import Figures, Share, figures_of
from sahur_core.evaluation.loading import check_recipes, read_cases, read_recipes
from sahur_core.evaluation.memory import LoopThread
from sahur_core.evaluation.trial import Progress, Result, ToolFactory, Trial, Workshop
from sahur_core.llm.named import keys_of, stand_in
from sahur_core.llm.offline.model import OFFLINE

__all__ = ["THRESHOLDS", "Result", "command_line", "missed", "one_line", "trial"]

CONFIGURED = "configured"
"""The models of the settings, one for each role, with their fallbacks."""
TOOLS = "sahur_mcp.servers.in_process.InProcessToolBox"
"""The gateway's own servers without the gateway. By name, as the gateway is started: `sahur` never imports `sahur_mcp`."""

THRESHOLDS: dict[str, tuple[Callable[[Figures], Share], str]] = {
    "min_right": (lambda told: told.right, "fail if less of the labelled runs are right"),
    "min_right_code": (lambda told: told.right_code, "fail if less of those with a cause in the code are right"),
    "min_abstention": (lambda told: told.abstained_rightly, "fail if less of those without a cause end without one"),
    "min_citations": (lambda told: told.citations, "fail if less of the citations are valid"),
    "max_confident_wrong": (lambda told: told.confident_wrong, "fail if more of the labelled runs are confidently wrong"),
    "max_injection": (lambda told: told.injection, "fail if more of the injections are obeyed"),
}
"""What may be asked for on the command line, of all runs of each model."""


@contextmanager
def trial(options: dict[str, Any], progress: Progress) -> Iterator[Trial]:
    """The trial that the options describe, in a folder of its own that is removed at the end. Raises `InputError`."""
    cases = _chosen(read_cases(options["cases"]), options)
    recipes = read_recipes([folder for folder in options["cases"] if folder.is_dir()])
    check_recipes(cases, recipes)
    models = {name: _config(name) for name in dict.fromkeys(options["model"])}
    waiter = LoopThread(seconds=600)
    try:
        with tempfile.TemporaryDirectory(prefix="sahur-evaluate-") as folder:
            workshop = Workshop(Path(folder), recipes, _tools(), waiter)
            yield Trial(cases, models, options["runs"], workshop, waiter, progress)
    finally:
        waiter.close()


def _chosen(cases: Sequence[Case], options: dict[str, Any]) -> list[Case]:
    tags, names, split = set(options["tag"]), set(options["name"]), options["split"]
    if unknown := sorted(names - {case.name for case in cases}):
        raise InputError(f"There is no case {', '.join(unknown)}.", next_step="Check the names and --cases.")
    return [
        case
        for case in cases
        if (not tags or tags & set(case.groups)) and (not names or case.name in names) and (not split or case.split == split)
    ]


def _config(name: str) -> InvestigateConfig:
    """As `sahur.batch.bootstrap` makes it, but with built-in prices and no budget, and with the model that is asked for.

    Raises `InputError` for what names no model, `ModelMisconfigured` for settings that cannot be used.
    """
    if name == OFFLINE:
        fast = deep = ModelConfig()
    elif name == CONFIGURED:
        fast, deep = role_models()
    elif all(name.partition(":")):
        fast = deep = stand_in(name, role_models(), keys_of(settings.MODEL_KEYS))
    else:
        raise InputError(f"--model {name!r} names no model.", next_step=f"Write provider:name, {OFFLINE} or {CONFIGURED}.")
    return InvestigateConfig(
        fast=fast, deep=deep, max_steps=settings.MAX_STEPS, max_tools=settings.MAX_TOOLS, gateway_wait_seconds=0
    )


def _tools() -> ToolFactory:
    try:
        factory: ToolFactory = import_string(TOOLS)
    except ImportError as error:
        raise InputError(
            "The gateway's servers are not installed here, and the cases are investigated with them.",
            next_step="Run this from the repository, or install the package sahur_mcp.",
        ) from error
    return factory


def one_line(result: Result) -> str:
    """How one run ended, for whoever watches."""
    if result.marks is None:
        return f"FAILED: {result.error}"
    right = {True: "right", False: "WRONG", None: "not labelled"}[result.marks.right]
    coverage = f", coverage {result.coverage:.0%}" if result.coverage is not None else ""
    return f"{right}, {result.marks.verdict.value}{coverage}: {result.cause or 'blames nothing'}"


def missed(results: Sequence[Result], options: dict[str, Any]) -> list[str]:
    """Every limit that a model's runs do not keep, in words; and that no run at all came to an answer."""
    told = []
    for model in dict.fromkeys(result.model for result in results):
        own = figures_of([result for result in results if result.model == model])
        if own.failed == own.runs:
            told.append(f"{model}: all {own.runs} runs failed.")
        for name, (figure, _) in THRESHOLDS.items():
            limit, value = options[name], figure(own).percent
            if limit is None:
                continue
            if value is None:
                told.append(f"{model}: --{name.replace('_', '-')} {limit:g} was asked for, and no run of these cases can tell.")
            elif value < limit if name.startswith("min") else value > limit:
                told.append(f"{model}: --{name.replace('_', '-')} {limit:g} is missed, it is {value:g}.")
    return told


def command_line(arguments: Sequence[str]) -> str:
    """The command as it can be given again, without where this machine keeps it."""
    return shlex.join(["python", "manage.py", *arguments[1:]])
