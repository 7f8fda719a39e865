"""Frames and stack traces as plain data, and whose code a frame is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

FrameOrigin = Literal["application", "library", "generated"]

_GENERATED = re.compile(
    r"^<(?!frozen)|^-e$|^\(eval|^eval(?:$| at )|^VM\d|^Cell In|eval\(\)'d code|^\[|_cgo_gotypes\.go$|^about:|^debugger eval"
    r"|^blob:"
)
_GENERATED_CALL = re.compile(
    r"\$\$(?:Enhancer|FastClass|Lambda|SpringCGLIB)|(?:^|\.)\$Proxy\d|GeneratedMethodAccessor|LambdaForm\$"
)
_LIBRARY = re.compile(
    r"^<frozen |/(?:site|dist)-packages/|/lib(?:64)?/python\d[\d.]*/|(?:^|/)node_modules/|^node:|^(?:internal|node:internal)/"
    r"|(?:^|/)vendor/|/gems/|^gems/|/rubies/|/\.cargo/(?:registry|git)/|^/rustc/|/rustlib/|^/usr/(?:lib|lib64|include|share)/"
    r"|^/usr/local/(?:lib|go|include)/|^/(?:lib|lib64)/|/go/src/runtime/|/pkg/mod/|^/System/Library/|^/Library/"
    r"|(?:^|/)\.(?:m2|gradle|nuget|pub-cache|yarn)/|^(?:chrome|moz|safari(?:-web)?)-extension://|^dart:|/PHPUnit/"
    r"|^[A-Za-z]:/Python\d+/Lib/|^(?:module|events|net|fs|vm|timers|domain|util|_stream_\w+)\.js$"
)
_LIBRARY_CALL = re.compile(
    r"^(?:java|javax|jdk|sun|com\.sun|kotlin|kotlinx|scala|groovy|org\.codehaus\.groovy|clojure|android|androidx|dalvik"
    r"|System|Microsoft)\.|^(?:std|core|alloc)::|^(?:runtime|testing|reflect)\.|^rust_begin_unwind$|^__libc_|^_start$"
)
_ENVIRONMENT_NAMES = """
    OSError IOError TimeoutError ConnectionError ConnectionRefusedError ConnectionResetError BrokenPipeError PermissionError
    gaierror timeout SSLError URLError ReadTimeout ConnectTimeout MemoryError
    SocketException SocketTimeoutException ConnectException UnknownHostException NoRouteToHostException OutOfMemoryError
    SSLHandshakeException HttpTimeoutException OutOfMemoryException
"""
_ENVIRONMENT = frozenset(_ENVIRONMENT_NAMES.split())


@dataclass(frozen=True)
class Frame:
    """One call of a stack. `code` is the line of code that the report shows, if it does."""

    path: str
    """As printed, with forward slashes; of the JVM the package's folders and the file; `<…>` where there is no file."""
    line: int
    """From 1; 0 if the trace does not tell it."""
    function: str = ""
    """The bare name: without class, package, arguments and what compilers put around it. Empty outside of functions."""
    code: str = ""
    qualified: str = ""
    """The name as printed, with its class or package, where that tells more than `function`."""

    @property
    def origin(self) -> FrameOrigin:
        """Whose code it is, as path and name tell. A repository may itself be what is a library for others."""
        if _GENERATED.search(self.path) or _GENERATED_CALL.search(self.qualified):
            return "generated"
        if _LIBRARY.search(self.path) or _LIBRARY_CALL.search(self.qualified):
            return "library"
        return "application"


@dataclass(frozen=True)
class StackTrace:
    """Frames with the outermost call first, and the exception that ended them."""

    frames: tuple[Frame, ...]
    exception: str = ""
    """Type of the exception as printed; `panic` of Go and Rust, `error` or `warning` of a compiler."""
    message: str = ""
    language: str = ""
    """Name of the format: `python`, `javascript`, `jvm`, `go`, `ruby`, `rust`, `dotnet`, `php`, `native`, `elixir`, …"""
    chain: int = 0
    """The same number for all traces of one chain of causes within a text."""
    position: int = 0
    """0 for the root cause of its chain; a higher one was raised because of those below it."""

    @property
    def is_root_cause(self) -> bool:
        return self.position == 0

    @property
    def is_warning(self) -> bool:
        """Nothing was raised: the program or a compiler only warned."""
        return self.exception.rsplit(".", 1)[-1].endswith(("Warning", "warning"))

    @property
    def is_environmental(self) -> bool:
        """Raised by the system or network below the code: the frames show where it surfaced, not what is wrong."""
        return self.exception.rsplit(".", 1)[-1] in _ENVIRONMENT
