"""`python -m tests.benchmarks.locate quality|features|train|speed`. docs/localization.md says what each needs."""

from __future__ import annotations

import argparse
import tempfile
from contextlib import nullcontext
from pathlib import Path

from tests.benchmarks.locate import quality
from tests.benchmarks.locate.instances import DATA, MIRRORS, folder_from, load, sampled


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.locate", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    asking = commands.add_parser("quality", help="locate on instances with known answers")
    _add_data_arguments(asking)
    quality.add_arguments(asking)
    options = parser.parse_args()
    if options.command == "quality":
        run_quality(options)


def _add_data_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, metavar="DIR", help=f"the JSON lines (or {DATA})")
    parser.add_argument("--mirrors", type=Path, metavar="DIR", help=f"the git histories (or {MIRRORS})")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="keep the indexes here (usual: a folder that is removed)")


def run_quality(options: argparse.Namespace) -> None:
    data, mirrors = folder_from(options.data, DATA), folder_from(options.mirrors, MIRRORS)
    forms = [quality.WHOLE, quality.SHORT] if options.short else [quality.WHOLE]
    with nullcontext(options.cache) if options.cache else tempfile.TemporaryDirectory(prefix="sahur-locate-") as cache:
        for name in ["lite", "verified"] if options.set == "both" else [options.set]:
            asked = sampled(load(data, name), options.sample)
            answers = quality.predict(asked, mirrors, Path(cache), with_plain=not options.no_plain, forms=forms)
            predictions = list(answers)
            if options.predictions:
                quality.write(predictions, options.predictions, name)
            quality.show(predictions, name)


if __name__ == "__main__":
    main()
