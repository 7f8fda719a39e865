"""A path as a trace prints it, taken apart: what of it can be a path in the repository, and how much of that must agree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

_SCHEME = re.compile(
    r"^"
    r"(?:webpack-internal:/{2,3}|webpack:/{2,3}(?:[\w@.\-]{1,100}/(?=\./))?|file:/{2,3}|ng:/{2,3}|vite:/{2,3}|rsc:/{2,3}[^/]{0,60}/|app:/{2,3}|turbopack:/{2,3}\[project\]/|\(?rsc\)?/)"
)
_HOST = re.compile(r"^(?:https?|capacitor|ionic|app)://[^/]{0,300}/?")
_QUERY = re.compile(r"(?:[?#].*|\?\w{4,40})$")
_BRACKETED = re.compile(r"^\((?:app-pages-browser|rsc|ssr|action-browser|api|sc_server|webpack)[^)]{0,60}\)/")
_DRIVE = re.compile(r"^[A-Za-z]:(?=/)")
_ARCHIVE = re.compile(r"^.*\.(?:jar|war|ear|zip|egg|whl|pex)!?/(?:BOOT-INF/classes!?/|WEB-INF/classes/)?")
_CACHED = re.compile(r"(?:^|/)__pycache__/(?P<stem>[^/]+?)\.(?:cpython|pypy)[\w\-]*(?:\.opt-\d)?\.py[co]$")
_INSTALLED = re.compile(r"^.*/(?:site|dist)-packages/")
_PYTHON_OWN = re.compile(r"^.*/lib(?:64)?/python\d[\d.]*/(?!site-packages/|dist-packages/)")
_GO_OWN = re.compile(r"^.*?/(?:usr/local/go|go/\d[\d.]*(?:/libexec)?|sdk/go[\d.]+)/src/")
_GO_MODULE = re.compile(
    r"^(?:.*/pkg/mod/|.*/vendor/(?=[\w.\-]+\.[a-z]{2,}/))?(?P<module>[\w.\-]+\.[a-z]{2,}/[\w.\-/!]+?)@(?P<version>v[^/]+)/"
)
_GO_PLACE = re.compile(r"^(?:.*/src/)?(?:github\.com|gitlab\.com|bitbucket\.org)/[^/]+/(?P<name>[^/@]+)/")
_GEM = re.compile(r"^(?:.*/)?(?:gems|bundler/gems)/(?P<name>[\w\-]+?)-(?:\d[\w.]*|[0-9a-f]{7,40})(?:-[\w\-]+)?/")
_CRATE = re.compile(
    r"^.*/\.?cargo/(?:registry/src/[^/]+/(?P<name>[\w\-]+?)-\d[^/]*|git/checkouts/(?P<git>[\w\-]+)-[0-9a-f]{10,}/[0-9a-f]+)/"
)
_RUST_OWN = re.compile(r"^(?:/rustc/[0-9a-f]+|.*/rustlib/src/rust)/")
_NODE_MODULE = re.compile(r"^(?:.*/)?node_modules/(?P<name>(?:@[^/]+/)?[^/]+)/")
_COMPOSER = re.compile(r"^(?:.*/)?vendor/(?P<name>[a-z0-9_.\-]+/[a-z0-9_.\-]+)/")
_NUGET = re.compile(r"^/_/")
_BUILT = ("dist", "build", "lib", "out", "output", "es", "esm", "cjs", "target", "bin", "public", "_build", "compiled", ".next")
_CLASSES = re.compile(
    r""
    r"(?:^|/)(?:target/(?:test-)?classes|build/classes/(?:java|kotlin|scala|groovy)/(?:main|test)|out/production/[^/]+|out/production/classes)/"
)
_SOURCE_ENDINGS = {
    "js": ("ts", "tsx", "jsx", "mjs", "coffee"),
    "mjs": ("mts", "ts"),
    "cjs": ("cts", "ts"),
    "jsx": ("tsx",),
    "pyc": ("py",),
    "pyo": ("py",),
    "class": ("java", "kt", "scala", "groovy"),
    "java": ("kt", "scala", "groovy"),
}
_MAX_BUILT = 3
"""Folders of built files in one path that are tried."""


@dataclass(frozen=True)
class Deployed:
    """Parts of a path that can be in the repository."""

    parts: tuple[str, ...]
    is_installed: bool = False
    """All parts must agree: what stood before them is where a package is installed, and says nothing."""
    package: str = ""
    """Where a path alone is no proof (`src/lib.rs` of any crate): the package, which must be the repository or a folder."""


def deployed_path(printed: str) -> Deployed:
    """Take a printed path apart; without parts if it cannot be in a repository."""
    path = _plain(printed)
    if not path or path.startswith(("<", "dart:", "[")) or path.startswith("node:"):
        return _node_own(path)
    for pattern, prefix in ((_PYTHON_OWN, "Lib/"), (_GO_OWN, "src/"), (_RUST_OWN, "")):
        rest = pattern.sub(prefix, path, count=1)
        if rest != path:
            return Deployed(_parts(rest), is_installed=True)
    rest = _INSTALLED.sub("", path)
    if rest != path:
        return Deployed(_parts(rest), is_installed=True)
    for pattern in (_NODE_MODULE, _GEM, _CRATE, _GO_MODULE, _COMPOSER):
        # The last one counts: modules lie within modules.
        match = pattern.match(path)
        if match:
            return Deployed(_parts(path[match.end() :]), is_installed=True, package=_package(match))
    match = _GO_PLACE.match(path)
    if match:
        return Deployed(_parts(f"{match['name']}/{path[match.end() :]}"))
    if path.startswith("package:"):
        package, _, rest = path.removeprefix("package:").partition("/")
        return Deployed(_parts(f"lib/{rest}"), is_installed=True, package=package)
    return Deployed(_parts(_ARCHIVE.sub("", _NUGET.sub("", path))))


def variants(deployed: Deployed) -> Iterator[tuple[str, ...]]:
    """The parts as printed, then as they may have been before they were built: `dist/x.js` is made of `src/x.ts`."""
    yield deployed.parts
    if not deployed.parts:
        return
    path = "/".join(deployed.parts)
    sources = _CLASSES.sub("/", path)
    stem, dot, ending = deployed.parts[-1].rpartition(".")
    if sources != path:
        stem = stem.split("$", 1)[0]
    others = [f"{stem}.{other}" for other in _SOURCE_ENDINGS.get(ending, ())] if dot else []
    if sources != path:
        for name in (deployed.parts[-1], *others):
            yield (*_parts(sources)[:-1], name)
        return
    for name in others:
        yield (*deployed.parts[:-1], name)
    if ending not in ("js", "mjs", "cjs", "jsx", "map", "ts", "css"):
        return
    built = [place for place, part in enumerate(deployed.parts[:-1]) if part in _BUILT][-_MAX_BUILT:]
    for place in reversed(built):
        before, behind = deployed.parts[:place], deployed.parts[place + 1 : -1]
        for folder in (("src",), ()):
            for name in (deployed.parts[-1], *others):
                yield (*before, *folder, *behind, name)


def _plain(printed: str) -> str:
    path = printed.strip().replace("\\", "/")
    path = _HOST.sub("", _SCHEME.sub("", path)) if ":" in path[:24] or path.startswith("(") else path
    path = _BRACKETED.sub("", path.removeprefix("./"))
    if "?" in path or "#" in path:
        path = _QUERY.sub("", path)
    path = _DRIVE.sub("", path)
    cached = _CACHED.search(path)
    if cached:
        path = f"{path[: cached.start()]}/{cached['stem']}.py"
    return path


def _node_own(path: str) -> Deployed:
    rest = path.removeprefix("node:")
    return Deployed(_parts(f"lib/{rest}.js"), is_installed=True) if rest != path else Deployed(())


def _package(match: re.Match[str]) -> str:
    """The bare name of a package: of `@scope/name`, of a Go module without its `/v2`, of Composer without the vendor."""
    named = match.groupdict()
    full = named.get("name") or named.get("git") or named.get("module") or ""
    return re.sub(r"/v\d+$", "", full).rsplit("/", 1)[-1]


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part for part in PurePosixPath(path).parts if part not in ("/", "//", ".", "..", "~"))
