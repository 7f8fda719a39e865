"""Traces of Go, Ruby, Rust, C#, PHP, C, C++, Elixir, Dart, Swift and Lua, as their runtimes print them."""

from __future__ import annotations

from sahur_core.code.traces.frames import StackTrace
from sahur_core.code.traces.parse import parse_traces, without_traces

GO = """panic: runtime error: index out of range [3] with length 3 [recovered]
\tpanic: runtime error: index out of range [3] with length 3

goroutine 19 [running]:
panic({0x512, 0x70})
\t/usr/local/go/src/runtime/panic.go:884 +0x212
github.com/acme/shop/cart.(*Cart).Total(0xc000010000, {0xc0, 0x3, 0x3})
\t/data/ci/go/pkg/mod/github.com/acme/shop@v1.2.3/cart/cart.go:12 +0x1d
main.run.func1()
\t/srv/app/main.go:30 +0x65
created by main.run in goroutine 1
\t/srv/app/main.go:28 +0x40

goroutine 20 [chan receive]:
main.wait(...)
\t/srv/app/wait.go:3
exit status 2
"""
RUST = """thread 'main' panicked at src/cart.rs:12:5:
index out of bounds: the len is 3 but the index is 3
stack backtrace:
   0: rust_begin_unwind
             at /rustc/90c541806f23a127002de5b4038be731ba1458ca/library/std/src/panicking.rs:578:5
   1: <shop::Cart as shop::Total>::total::{{closure}}::h0123456789abcdef
             at ./src/cart.rs:12:5
   2: shop::main
             at ./src/main.rs:4:9
note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.
"""
DOTNET = """Unhandled exception. System.InvalidOperationException: Total failed
 ---> System.NullReferenceException: Object reference not set to an instance of an object.
   at Shop.Cart.<>c.<Total>b__5_0(Item item) in C:\\agent\\_work\\1\\s\\src\\Shop\\Cart.cs:line 12
   at System.Linq.Enumerable.Sum[TSource](IEnumerable`1 source, Func`2 selector)
   at Shop.Cart.Total() in C:\\agent\\_work\\1\\s\\src\\Shop\\Cart.cs:line 20
   --- End of inner exception stack trace ---
   at Shop.Api.<Show>d__3.MoveNext() in C:\\agent\\_work\\1\\s\\src\\Shop\\Api.cs:line 33
--- End of stack trace from previous location where exception was thrown ---
   at Shop.Program..ctor(String[] args) in /src/Program.cs:line 5
"""
PHP = """PHP Fatal error:  Uncaught TypeError: Cart::add(): Argument #1 must be of type int in /var/www/html/src/Cart.php:12
Stack trace:
#0 /var/www/html/src/Api.php(33): App\\Cart->add(NULL)
#1 [internal function]: App\\Api->show(Object(Request))
#2 /var/www/html/vendor/slim/slim/Slim/App.php(50): call_user_func()
#3 {main}

Next App\\CartException: wrapped in /var/www/html/src/Api.php:35
Stack trace:
#0 /var/www/html/public/index.php(9): App\\Api->show()
#1 {main}
  thrown in /var/www/html/src/Api.php on line 35
"""
GDB = """Program received signal SIGSEGV, Segmentation fault.
#0  0x00005555555551a5 in shop::Cart::total (this=0x0, items=std::vector of length 3) at src/cart.cc:12
#1  0x00005555555551f0 in run (argc=1) at src/run.c:40
#2  main (argc=1, argv=0x7ffe)
    at src/main.c:9
"""
ASAN = """==123==ERROR: AddressSanitizer: heap-use-after-free on address 0x602 at pc 0x55
READ of size 4 at 0x602000000010 thread T0
    #0 0x55d in total /src/shop/cart.c:12:3
    #1 0x55e in main /src/shop/main.c:9
    #2 0x7f in __libc_start_main (/lib/x86_64-linux-gnu/libc.so.6+0x24)

freed by thread T0 here:
    #0 0x7f in free (/usr/lib/libasan.so+0x1)
    #1 0x55f in drop /src/shop/drop.c:4:1
"""


def _short(trace: StackTrace) -> list[tuple[str, int, str]]:
    return [(frame.path.rsplit("/", 1)[-1], frame.line, frame.function) for frame in trace.frames]


def test_of_several_goroutines_the_first_is_the_one() -> None:
    (trace,) = parse_traces(GO)
    assert _short(trace) == [("main.go", 28, "run"), ("main.go", 30, "run"), ("cart.go", 12, "Total"), ("panic.go", 884, "panic")]
    assert (trace.exception, trace.message) == ("panic", "runtime error: index out of range [3] with length 3")
    assert trace.frames[2].qualified == "github.com/acme/shop/cart.(*Cart).Total"
    assert "goroutine" not in without_traces(GO)


def test_errors_of_go_with_frames_are_read() -> None:
    text = "total failed\ngithub.com/acme/shop/cart.Sum\n\t/src/cart/sum.go:7\nmain.main\n\t/src/main.go:3\n"
    (trace,) = parse_traces(text)
    assert _short(trace) == [("main.go", 3, "main"), ("sum.go", 7, "Sum")]


def test_ruby_says_it_in_old_and_new_quotes() -> None:
    old = (
        "app/cart.rb:12:in `total': undefined method `price' for nil (NoMethodError)\n"
        "\tfrom app/cart.rb:20:in `block (2 levels) in sum'\n"
    )
    new = (
        "NoMethodError (undefined method 'price' for nil):\n"
        "\n"
        "app/cart.rb:12:in 'Cart#total'\n"
        "activesupport (7.0.4) lib/a.rb:1:in 'run'\n"
    )
    (first,), (second,) = parse_traces(old), parse_traces(new)
    assert _short(first) == [("cart.rb", 20, "sum"), ("cart.rb", 12, "total")]
    assert (first.exception, first.message) == ("NoMethodError", "undefined method `price' for nil")
    assert (_short(second), second.exception) == ([("a.rb", 1, "run"), ("cart.rb", 12, "total")], "NoMethodError")
    assert [frame.origin for frame in second.frames] == ["library", "application"]


def test_ruby_that_numbers_its_frames_prints_the_outermost_first() -> None:
    text = (
        "Traceback (most recent call last):\n"
        "\t2: from a.rb:9:in `<main>'\n"
        "\t1: from a.rb:5:in `outer'\n"
        "a.rb:2:in `inner': boom (RuntimeError)\n"
    )
    (trace,) = parse_traces(text)
    assert _short(trace) == [("a.rb", 9, ""), ("a.rb", 5, "outer"), ("a.rb", 2, "inner")]
    assert (trace.exception, trace.message) == ("RuntimeError", "boom")


def test_rust_with_a_backtrace() -> None:
    (trace,) = parse_traces(RUST)
    assert _short(trace) == [("main.rs", 4, "main"), ("cart.rs", 12, "total"), ("panicking.rs", 578, "rust_begin_unwind")]
    assert (trace.exception, trace.message) == ("panic", "index out of bounds: the len is 3 but the index is 3")
    assert [frame.origin for frame in trace.frames] == ["application", "application", "library"]


def test_rust_without_a_backtrace_still_names_its_place() -> None:
    old = "thread 'main' panicked at 'called `Option::unwrap()` on a `None` value', src/price.rs:7:21"
    (trace,) = parse_traces(old)
    assert (_short(trace), trace.message) == ([("price.rs", 7, "")], "called `Option::unwrap()` on a `None` value")


def test_an_inner_exception_of_dotnet_is_the_root() -> None:
    inner, outer = parse_traces(DOTNET)
    assert (inner.exception, _short(inner)) == (
        "System.NullReferenceException",
        [("Cart.cs", 20, "Total"), ("Cart.cs", 12, "Total")],
    )
    assert (outer.exception, outer.message) == ("System.InvalidOperationException", "Total failed")
    assert _short(outer) == [("Program.cs", 5, "Program"), ("Api.cs", 33, "Show")]
    assert outer.frames[1].path == "C:/agent/_work/1/s/src/Shop/Api.cs"


def test_a_line_of_php_belongs_to_the_function_that_the_next_frame_calls() -> None:
    cause, wrapper = parse_traces(PHP)
    assert _short(cause) == [("App.php", 50, ""), ("Api.php", 33, "show"), ("Cart.php", 12, "add")]
    assert (cause.exception, cause.message) == ("TypeError", "Cart::add(): Argument #1 must be of type int")
    assert (wrapper.exception, _short(wrapper)) == ("App\\CartException", [("index.php", 9, ""), ("Api.php", 35, "show")])
    assert cause.frames[0].origin == "library"


def test_messages_of_php_name_file_and_line() -> None:
    (trace,) = parse_traces("PHP Warning:  Undefined variable $x in /var/www/html/src/View.php on line 7")
    assert (_short(trace), trace.message, trace.is_warning) == ([("View.php", 7, "")], "Undefined variable $x", True)


def test_gdb_wraps_long_frames() -> None:
    (trace,) = parse_traces(GDB)
    assert _short(trace) == [("main.c", 9, "main"), ("run.c", 40, "run"), ("cart.cc", 12, "total")]
    assert (trace.exception, trace.message) == ("SIGSEGV", "Segmentation fault.")


def test_sanitizers_tell_also_where_memory_was_freed() -> None:
    use, freed = parse_traces(ASAN)
    assert (use.exception, _short(use)) == ("AddressSanitizer", [("main.c", 9, "main"), ("cart.c", 12, "total")])
    assert _short(freed) == [("drop.c", 4, "drop")]


def test_assertions_and_diagnostics_are_traces_of_one_frame() -> None:
    text = """shop: src/cart.c:44: int total(struct cart *): Assertion `n > 0' failed.
src/x.cpp:7:10: error: 'foo' was not declared in this scope
src/app/x.ts(12,3): error TS2322: Type 'string' is not assignable.
x.c:12:3: runtime error: signed integer overflow
error[E0382]: borrow of moved value: `x`
  --> src/lib.rs:9:5
"""
    found = [(*_short(trace)[0], trace.exception) for trace in parse_traces(text)]
    assert found == [
        ("cart.c", 44, "total", "Assertion"),
        ("x.cpp", 7, "", "error"),
        ("x.ts", 12, "", "error"),
        ("x.c", 12, "", "error"),
        ("lib.rs", 9, "", "error"),
    ]


def test_valgrind_and_lldb() -> None:
    valgrind = "==9== Invalid read of size 4\n==9==    at 0x108: total (cart.c:12)\n==9==    by 0x109: main (main.c:4)\n"
    assert [_short(trace) for trace in parse_traces(valgrind)] == [[("main.c", 4, "main"), ("cart.c", 12, "total")]]
    assert [_short(trace) for trace in parse_traces("* frame #0: 0x0001 shop`total(n=1) at cart.c:12:3")] == [
        [("cart.c", 12, "total")]
    ]


def test_elixir_dart_swift_and_lua() -> None:
    elixir = (
        "** (ArgumentError) bad price\n"
        "    (shop 0.1.0) lib/shop/cart.ex:12: Shop.Cart.total/1\n"
        "    lib/shop.ex:3: anonymous fn/1 in Shop.run/0\n"
    )
    dart = (
        "Unhandled exception:\n"
        "RangeError: Not in range\n"
        "#0      Cart.total (package:shop/cart.dart:12:5)\n"
        "#1      main.<anonymous closure> (file:///data/u/bin/main.dart:3:1)\n"
    )
    swift = "Shop/Cart.swift:12: Fatal error: Index out of range"
    lua = (
        "lua: cart.lua:12: attempt to index a nil value\n"
        "stack traceback:\n"
        "\tcart.lua:12: in function 'total'\n"
        "\tmain.lua:3: in main chunk\n"
    )
    found = [(_short(trace), trace.exception) for text in (elixir, dart, swift, lua) for trace in parse_traces(text)]
    assert found == [
        ([("shop.ex", 3, "run"), ("cart.ex", 12, "total")], "ArgumentError"),
        ([("main.dart", 3, "main"), ("cart.dart", 12, "total")], "RangeError"),
        ([("Cart.swift", 12, "")], "Fatal error"),
        ([("main.lua", 3, ""), ("cart.lua", 12, "total")], "error"),
    ]
