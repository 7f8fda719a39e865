"""Traces of Java, Kotlin and Scala."""

from __future__ import annotations

from sahur_core.code.traces.parse import parse_traces, without_traces

SPRING = """2024-03-01 14:05:12.123 ERROR 1 --- [nio-8080-exec-1] c.s.api.CartController : Request failed

org.web.ServletException: Request processing failed; nested exception is java.lang.IllegalStateException: no price
\tat org.web.FrameworkServlet.process(FrameworkServlet.java:1014) ~[web-5.3.9.jar:5.3.9]
\tat app//com.shop.api.CartController$$EnhancerBySpringCGLIB$$12ab.total(<generated>)
\tat com.shop.api.CartController.lambda$total$0(CartController.java:41)
\tat java.base/java.util.Optional.map(Optional.java:260)
\tat jdk.internal.reflect.NativeMethodAccessorImpl.invoke0(Native Method)
\tat com.shop.Hidden.run(Unknown Source)
\tSuppressed: java.io.IOException: close failed
\t\tat com.shop.Db.close(Db.java:9)
\t\t... 3 more
Caused by: java.lang.IllegalStateException: no price
for this article
\tat com.shop.cart.CartKt.total(Cart.kt:12)
\tat com.shop.cart.Cart$Item.<init>(Cart.kt:30)
\tat com.shop.Sums$.$anonfun$sum$1(Sums.scala:7)
\t... 52 common frames omitted
Done.
"""


def test_the_last_cause_is_the_root_and_what_was_suppressed_is_last() -> None:
    traces = parse_traces(SPRING)
    assert [(trace.exception.rsplit(".", 1)[-1], trace.position) for trace in traces] == [
        ("IllegalStateException", 0),
        ("ServletException", 1),
        ("IOException", 2),
    ]
    assert traces[0].message == "no price"


def test_frames_have_the_path_of_their_class_and_the_name_in_the_source() -> None:
    root, outer, _ = parse_traces(SPRING)
    assert [(frame.path, frame.line, frame.function) for frame in root.frames] == [
        ("com/shop/Sums.scala", 7, "sum"),
        ("com/shop/cart/Cart.kt", 30, "Cart"),
        ("com/shop/cart/Cart.kt", 12, "total"),
    ]
    assert [(frame.path, frame.line, frame.function) for frame in outer.frames] == [
        ("com/shop/Hidden.java", 0, "run"),
        ("java/util/Optional.java", 260, "map"),
        ("com/shop/api/CartController.java", 41, "total"),
        ("org/web/FrameworkServlet.java", 1014, "process"),
    ]
    assert [frame.origin for frame in outer.frames] == ["application", "library", "application", "application"]


def test_the_messages_stay_and_the_frames_go() -> None:
    kept = without_traces(SPRING).split("\n")
    assert kept[-2] == "Done."
    assert [line for line in kept if "\tat " in line or "more" in line] == []
    assert "for this article" in kept


def test_a_root_cause_that_is_printed_first_stays_first() -> None:
    text = "java.io.IOException: inner\n\tat a.B.c(B.java:1)\nWrapped by: a.Outer: outer\n\tat a.D.e(D.java:2)\n"
    assert [trace.exception for trace in parse_traces(text)] == ["java.io.IOException", "a.Outer"]


def test_a_thread_names_its_exception() -> None:
    (trace,) = parse_traces('Exception in thread "main 1" shop.Closed: till\n\tat shop.Till.open(Till.java)\n')
    assert (trace.exception, trace.message, trace.frames[0].line) == ("shop.Closed", "till", 0)
