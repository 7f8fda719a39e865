"""A large repository of generated code in several languages, the same each time, written by `git fast-import`."""

from __future__ import annotations

import os
import random
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

_WORDS = re.findall(
    r"\w+",
    """
    account address basket billing booking branch cache cart catalog channel checkout client config contract coupon
    course credit currency customer delivery device discount document driver engine event export feature folder gateway
    group handler header history import index invoice item job journal label ledger license limit list loader lock
    market member merge message metric model module network notice offer order owner package parser partner payment
    period permit plan policy pool price printer product profile project promise queue quota rate reader receipt record
    refund region report request reserve result review route rule sample schedule schema search seat section segment
    seller sensor server service session setting shipment signal source stage status stock store stream summary supplier
    switch table target task tax team template tenant ticket token topic trace transfer trigger unit update upload user
    value vendor version view visit voucher wallet window worker zone
    """,
)
_SUFFIXES = (".py", ".py", ".py", ".ts", ".js", ".java", ".go", ".rb", ".rs", ".cs", ".md", ".json")
FILES_OF_A_FOLDER = 25


def build(place: Path, files: int, seed: int = 7) -> str:
    """A bare repository of so many files and three commits; gives the full sha of the last, which changes 20 files."""
    environment = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", str(place)], check=True, env=environment)
    feed = subprocess.Popen(["git", f"--git-dir={place}", "fast-import", "--quiet"], stdin=subprocess.PIPE, env=environment)
    if feed.stdin is None:
        raise RuntimeError("git fast-import was started without its pipe")
    with feed.stdin as stream:
        for part in _commits(files, seed):
            stream.write(part)
    if feed.wait():
        raise RuntimeError("git fast-import failed")
    found = subprocess.run(
        ["git", f"--git-dir={place}", "rev-parse", "main"], check=True, env=environment, capture_output=True, text=True
    )
    return found.stdout.strip()


def _commits(files: int, seed: int) -> Iterator[bytes]:
    chance = random.Random(seed)
    paths = [_path(chance, number) for number in range(files)]
    changes = [paths, paths[:: max(1, files // 20)][:20], paths[3 :: max(1, files // 20)][:20]]
    for number, changed in enumerate(changes):
        message = ["Begin", "Fix the price of a basket", "Fix the refund of a voucher"][number].encode()
        when = 1_700_000_000 + number * 86_400
        head = f"commit refs/heads/main\ncommitter Ada <ada@example.org> {when} +0000\ndata {len(message)}\n".encode()
        yield head + message + b"\n"
        for path in changed:
            content = _content(chance, path).encode()
            yield f"M 100644 inline {path}\ndata {len(content)}\n".encode() + content + b"\n"


def _path(chance: random.Random, number: int) -> str:
    folder = number // FILES_OF_A_FOLDER
    top, middle = _WORDS[folder % 40], _WORDS[(folder * 7) % len(_WORDS)]
    return f"{top}/{middle}{folder}/{'_'.join(chance.sample(_WORDS, 2))}_{number}{chance.choice(_SUFFIXES)}"


def _content(chance: random.Random, path: str) -> str:
    """80 to 200 lines: what a source file of that language looks like to a parser and to a search."""
    suffix = Path(path).suffix
    make = {".py": _python, ".rb": _ruby, ".go": _go, ".rs": _rust, ".md": _text, ".json": _json}.get(suffix, _braces)
    return "\n".join(make(chance) for _ in range(chance.randint(8, 20))) + "\n"


def _names(chance: random.Random, count: int) -> list[str]:
    return ["_".join(chance.sample(_WORDS, 2)) for _ in range(count)]


def _sentence(chance: random.Random) -> str:
    return " ".join(chance.choices(_WORDS, k=9))


def _python(chance: random.Random) -> str:
    a, b, c, d = _names(chance, 4)
    kind = "".join(word.title() for word in a.split("_"))
    return (
        f'class {kind}Manager:\n    """{_sentence(chance)}."""\n\n    def {b}(self, {c}, limit={chance.randint(1, 9999)}):\n'
        f"        # {_sentence(chance)}\n        if {c} is None:\n            raise ValueError('no {d} given')\n"
        f"        return self.{d}({c}) + limit\n"
    )


def _ruby(chance: random.Random) -> str:
    a, b, c, d = _names(chance, 4)
    kind = "".join(word.title() for word in a.split("_"))
    return (
        f"class {kind}\n  # {_sentence(chance)}\n  def {b}({c})\n    raise ArgumentError, 'no {d}' if {c}.nil?\n"
        f"    {d}({c}) + {chance.randint(1, 9999)}\n  end\nend\n"
    )


def _go(chance: random.Random) -> str:
    a, b, c, d = (name.replace("_", "") for name in _names(chance, 4))
    return (
        f"// {a.title()} {_sentence(chance)}\nfunc (s *Service) {a.title()}{chance.randint(1, 99999)}({c} int) (int, error) {{\n"
        f'\tif {c} < 0 {{\n\t\treturn 0, errors.New("no {d}")\n\t}}\n\treturn s.{b}({c}), nil\n}}\n'
    )


def _rust(chance: random.Random) -> str:
    a, b, c, d = _names(chance, 4)
    return (
        f"/// {_sentence(chance)}\npub fn {a}_{chance.randint(1, 99999)}({c}: u32) -> Result<u32, Error> {{\n"
        f'    if {c} == 0 {{\n        return Err(Error::new("no {d}"));\n    }}\n    Ok({b}({c}))\n}}\n'
    )


def _braces(chance: random.Random) -> str:
    """A class that JavaScript, TypeScript, Java and C# parsers all make something of."""
    a, b, c, d = _names(chance, 4)
    kind = "".join(word.title() for word in a.split("_"))
    return (
        f"/** {_sentence(chance)} */\nclass {kind}{chance.randint(1, 99999)} {{\n  {b}({c}) {{\n    if ({c} == null) {{\n"
        f'      throw new Error("no {d}");\n    }}\n    return this.{d}({c});\n  }}\n}}\n'
    )


def _text(chance: random.Random) -> str:
    return f"## {' '.join(chance.sample(_WORDS, 3))}\n\n" + "\n".join(_sentence(chance) for _ in range(5)) + "\n"


def _json(chance: random.Random) -> str:
    return "\n".join(f'{{"{name}": {chance.randint(1, 9999)}}}' for name in _names(chance, 8)) + "\n"
