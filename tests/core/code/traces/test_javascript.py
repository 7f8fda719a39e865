"""Traces of V8, Firefox and Safari, with causes, bundles and evaluated code."""

from __future__ import annotations

from sahur_core.code.traces.frames import StackTrace
from sahur_core.code.traces.parse import parse_traces, without_traces

NODE = """/srv/app/dist/cart/total.js:12
    throw new CartError('no price');
    ^

CartError: no price
    at new Cart (/srv/app/dist/cart/cart.js:8:11)
    at Object.total [as sum] (/srv/app/dist/cart/total.js:12:11)
    at async Promise.all (index 0)
    at async handle (file:///srv/app/dist/api.mjs:40:5)
    at Layer.handle [as handle_request] (/srv/app/node_modules/express/lib/router/layer.js:95:5)
    at eval (eval at run (/srv/app/dist/rules.js:3:9), <anonymous>:1:7)
    at node:internal/process/task_queues:95:5
    at C:\\agent\\work\\src\\my files\\z.ts:3:4 {
  code: 'E_PRICE',
  [cause]: TypeError [ERR_X]: Cannot read properties of undefined (reading 'price')
      at priceOf (webpack-internal:///./src/price.ts:3:17)
      at Array.map (<anonymous>)
}

Node.js v20.1.0
"""
FIREFOX = """Uncaught TypeError: x is undefined
    total@http://localhost:8080/static/js/cart.js:12:7
    render/<@webpack://shop/./src/view.tsx?a1b2:40:3
    async*load@http://localhost:8080/static/js/load.js:1:20
    @http://localhost:8080/static/js/main.js:2:1
"""
SAFARI = """TypeError: undefined is not an object
total@https://shop.example/assets/index-abc123.js:3:120
map@[native code]
global code@https://shop.example/assets/index-abc123.js:9:1
"""


def _short(trace: StackTrace) -> list[tuple[str, int, str]]:
    return [(frame.path.rsplit("/", 1)[-1], frame.line, frame.function) for frame in trace.frames]


def test_a_cause_of_node_is_the_root() -> None:
    cause, outer = parse_traces(NODE)
    assert (cause.exception, _short(cause), cause.position) == ("TypeError", [("price.ts", 3, "priceOf")], 0)
    assert (outer.exception, outer.message, outer.position) == ("CartError", "no price", 1)


def test_frames_of_node_have_the_name_that_the_source_knows() -> None:
    outer = parse_traces(NODE)[1]
    assert _short(outer) == [
        ("z.ts", 3, ""),
        ("task_queues", 95, ""),
        ("rules.js", 3, ""),
        ("layer.js", 95, "handle_request"),
        ("api.mjs", 40, "handle"),
        ("total.js", 12, "sum"),
        ("cart.js", 8, "Cart"),
    ]
    assert [frame.origin for frame in outer.frames[:4]] == ["application", "library", "application", "library"]
    assert outer.frames[4].path == "/srv/app/dist/api.mjs"


def test_the_words_around_stay() -> None:
    kept = without_traces(NODE)
    assert "CartError: no price" in kept
    assert "Node.js v20.1.0" in kept
    assert "    at " not in kept


def test_firefox_and_safari_put_the_name_before_an_at_sign() -> None:
    firefox, safari = parse_traces(FIREFOX + "\n" + SAFARI)
    assert _short(firefox) == [
        ("main.js", 2, ""),
        ("load.js", 1, "load"),
        ("view.tsx?a1b2", 40, "render"),
        ("cart.js", 12, "total"),
    ]
    assert (firefox.exception, firefox.message) == ("TypeError", "x is undefined")
    assert _short(safari) == [("index-abc123.js", 9, ""), ("index-abc123.js", 3, "total")]


def test_sentences_and_addresses_are_no_frames() -> None:
    text = "Meet me\nat 10:30:12 sharp\nat http://localhost:8000\nat noon (12:00)\nme@example.org:1:2\nuser@host:22:1"
    assert parse_traces(text) == []
    assert without_traces(text) == text


def test_minified_names_and_private_methods_are_kept() -> None:
    (trace,) = parse_traces("Error: x\n    at Cart.#total (/a/b.js:1:2)\n    at a.b.<computed> [as c] (/a/c.js:3:4)")
    assert [frame.function for frame in trace.frames] == ["c", "total"]
