"""`python -m tests.benchmarks.locate quality|features|train|fixes|speed`. docs/localization.md says what each needs."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from tests.benchmarks.locate import features, fixes, quality, speed, training
from tests.benchmarks.locate.instances import DATA, MIRRORS, SETS, Instance, folder_from, load, sampled


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.locate", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    parts: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None], Callable[[argparse.Namespace], None]]] = {
        "quality": ("locate on instances with known answers", quality.add_arguments, run_quality),
        "features": ("what the signals say of each instance", _add_features, run_features),
        "train": ("weights, and how well they do elsewhere", _add_training, run_training),
        "fixes": ("past fixes of any repositories", fixes.add_arguments, run_fixes),
        "speed": ("what indexing, searching and locating cost", speed.add_arguments, run_speed),
    }
    for name, (what, add_arguments, run) in parts.items():
        part = commands.add_parser(name, help=what)
        part.set_defaults(run=run)
        part.add_argument("--data", type=Path, metavar="DIR", help=f"the JSON lines (or {DATA})")
        part.add_argument("--mirrors", type=Path, metavar="DIR", help=f"the git histories (or {MIRRORS})")
        part.add_argument("--cache", type=Path, metavar="DIR", help="keep the indexes here (usual: a folder that is removed)")
        add_arguments(part)
    options = parser.parse_args()
    options.run(options)


def _add_features(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--features", type=Path, required=True, metavar="DIR", help="one file for each instance")


def _add_training(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--features", type=Path, required=True, metavar="DIR", help="what `features` wrote")
    parser.add_argument("--penalty", type=float, default=1.0, help="of large weights (usual: 1)")
    parser.add_argument("--weights", type=Path, metavar="FILE", help="write the weights of all instances here")


def run_quality(options: argparse.Namespace) -> None:
    data, mirrors = folder_from(options.data, DATA), folder_from(options.mirrors, MIRRORS)
    forms = [quality.WHOLE, quality.SHORT] if options.short else [quality.WHOLE]
    with nullcontext(options.cache) if options.cache else tempfile.TemporaryDirectory(prefix="sahur-locate-") as cache:
        for name in list(SETS) if options.set == "both" else [options.set]:
            asked = sampled(load(data, name), options.sample)
            answers = quality.predict(asked, mirrors, Path(cache), with_plain=not options.no_plain, forms=forms)
            predictions = list(answers)
            if options.predictions:
                quality.write(predictions, options.predictions, name)
            quality.show(predictions, name)


def run_features(options: argparse.Namespace) -> None:
    data, mirrors = folder_from(options.data, DATA), folder_from(options.mirrors, MIRRORS)
    with nullcontext(options.cache) if options.cache else tempfile.TemporaryDirectory(prefix="sahur-locate-") as cache:
        features.dump(_all_instances(data), mirrors, Path(cache), options.features)


def run_training(options: argparse.Namespace) -> None:
    data = folder_from(options.data, DATA)
    tables = features.load_tables(_all_instances(data), options.features)
    training.show(tables, {name: {instance.id for instance in load(data, name)} for name in SETS}, options.penalty)
    if options.weights:
        training.save(tables, options.penalty, options.weights)


def run_fixes(options: argparse.Namespace) -> None:
    if options.save:
        options.save.mkdir(parents=True, exist_ok=True)
    with nullcontext(options.cache) if options.cache else tempfile.TemporaryDirectory(prefix="sahur-locate-") as cache:
        fixes.measure(options.repositories, options.limit, Path(cache), options.save)


def run_speed(options: argparse.Namespace) -> None:
    data, mirrors = folder_from(options.data, DATA), folder_from(options.mirrors, MIRRORS)
    figures = speed.measure(options, _all_instances(data), mirrors)
    speed.show(figures)
    if options.json:
        speed.save(figures, options.json)


def _all_instances(data: Path) -> list[Instance]:
    """Of both sets, each once."""
    found = {instance.id: instance for name in SETS for instance in load(data, name)}
    return list(found.values())


if __name__ == "__main__":
    main()
