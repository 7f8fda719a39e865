"""An outline as text: one line a definition (kind, name, lines, bases, doc) or import (module, name, alias)."""

from __future__ import annotations

from sahur_core.code.languages.outline import outline


def outlined(path: str, source: str) -> str:
    found = outline(path, source)
    lines = []
    for each in found.definitions:
        bases = f" ({', '.join(each.bases)})" if each.bases else ""
        lines.append(f"{each.kind} {each.name} {each.start}-{each.end}{bases}{' ' * bool(each.doc)}{each.doc}")
    lines += [f"import {each.module} {each.name or '-'} {each.alias or '-'}" for each in found.imports]
    return "".join(f"{line}\n" for line in lines)
