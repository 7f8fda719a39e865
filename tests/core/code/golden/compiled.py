"""Cases in TypeScript, Java, Go, Rust, C#, Kotlin and C."""

from __future__ import annotations

from tests.core.code.golden.case import Golden
from tests.core.code.histories import Step

_TOKEN = """import { Clock } from "./clock";

export interface Token {
  value: string;
  expiresAt: number;
}

export class TokenStore {
  private tokens = new Map<string, Token>();

  constructor(private readonly clock: Clock) {}

  put(user: string, token: Token): void {
    this.tokens.set(user, token);
  }

  isFresh(user: string): boolean {
    const token = this.tokens.get(user);
    return token !== undefined && token.expiresAt > this.clock.now();
  }
}
"""

TYPESCRIPT = Golden(
    name="a symptom with a name in it (TypeScript)",
    steps=[
        Step(
            "Sessions",
            {
                "src/session/tokenStore.ts": _TOKEN,
                "src/session/clock.ts": "export class Clock {\n  now(): number {\n    return Date.now();\n  }\n}\n",
                "src/ui/banner.ts": "export function showBanner(text: string): void {\n  document.title = text;\n}\n",
                "package.json": '{"name": "desk", "version": "1.0.0"}\n',
            },
        ),
        Step("Compare seconds with seconds", {"src/session/tokenStore.ts": ("> this.clock.now()", "> this.clock.now() / 1000")}),
        Step("Show who is signed in", {"src/ui/banner.ts": ("= text", "= `Desk: ${text}`")}),
    ],
    title="Sessions never end",
    report="People stay signed in for days although their token expired long ago: `isFresh` says true for all of them.",
    file="src/session/tokenStore.ts",
    function="TokenStore.isFresh",
    commit="Compare seconds with seconds",
)

_INVOICE = """package com.acme.billing;

import java.math.BigDecimal;
import java.util.List;

public class InvoiceService {
    private final TaxTable taxes;

    public InvoiceService(TaxTable taxes) {
        this.taxes = taxes;
    }

    public BigDecimal total(List<Line> lines, String country) {
        BigDecimal sum = BigDecimal.ZERO;
        for (Line line : lines) {
            sum = sum.add(line.net());
        }
        return sum.add(tax(sum, country));
    }

    private BigDecimal tax(BigDecimal sum, String country) {
        return sum.multiply(taxes.rateOf(country));
    }
}
"""
_TAXES = """package com.acme.billing;

import java.math.BigDecimal;
import java.util.Map;

public class TaxTable {
    private final Map<String, BigDecimal> rates;

    public TaxTable(Map<String, BigDecimal> rates) {
        this.rates = rates;
    }

    public BigDecimal rateOf(String country) {
        return rates.getOrDefault(country, BigDecimal.ZERO);
    }
}
"""

JAVA = Golden(
    name="a stack trace with a cause (Java)",
    steps=[
        Step(
            "Invoices",
            {
                "billing/src/main/java/com/acme/billing/InvoiceService.java": _INVOICE,
                "billing/src/main/java/com/acme/billing/TaxTable.java": _TAXES,
                "web/src/main/java/com/acme/web/InvoiceController.java": (
                    "package com.acme.web;\n\npublic class InvoiceController {\n    public String show(long id) {\n"
                    '        return "invoice " + id;\n    }\n}\n'
                ),
            },
        ),
        Step(
            "Countries without a tax rate are a mistake",
            {
                "billing/src/main/java/com/acme/billing/TaxTable.java": (
                    "rates.getOrDefault(country, BigDecimal.ZERO)",
                    "rates.get(country)",
                )
            },
        ),
        Step("Show a title", {"web/src/main/java/com/acme/web/InvoiceController.java": ('"invoice "', '"Invoice "')}),
    ],
    title="No invoices for Norway",
    report="""Every invoice for Norway ends like this since the last release:

jakarta.servlet.ServletException: Request processing failed
    at org.springframework.web.servlet.FrameworkServlet.processRequest(FrameworkServlet.java:1014)
    at jakarta.servlet.http.HttpServlet.service(HttpServlet.java:564)
Caused by: java.lang.NullPointerException: Cannot read field "intCompact" because "multiplicand" is null
    at java.base/java.math.BigDecimal.multiply(BigDecimal.java:1615)
    at com.acme.billing.InvoiceService.tax(InvoiceService.java:22)
    at com.acme.billing.InvoiceService.total(InvoiceService.java:18)
    at com.acme.web.InvoiceController.show(InvoiceController.java:5)
    ... 38 more
""",
    file="billing/src/main/java/com/acme/billing/TaxTable.java",
    function="TaxTable.rateOf",
    commit="Countries without a tax rate are a mistake",
    first=(3, 4, 2),
)

_CHUNKS = """package upload

// Chunks splits a file of the given size.
func Chunks(size, width int) []int {
	starts := make([]int, 0, size/width)
	for at := 0; at < size; at += width {
		starts = append(starts, at)
	}
	return starts
}
"""

GO = Golden(
    name="a panic (Go)",
    steps=[
        Step(
            "Uploads",
            {
                "internal/upload/chunks.go": _CHUNKS,
                "internal/upload/settings.go": (
                    "package upload\n\n// Width of a chunk in bytes.\n"
                    "func Width(kilobytes int) int {\n\treturn kilobytes * 1024\n}\n"
                ),
                "internal/server/handler.go": "package server\n\nfunc Handle(name string) string {\n\treturn name\n}\n",
                "go.mod": "module example.org/depot\n",
            },
        ),
        Step(
            "Give the width in megabytes", {"internal/upload/settings.go": ("kilobytes * 1024", "kilobytes / 1024 * 1024 * 1024")}
        ),
        Step("Trim names", {"internal/server/handler.go": ("return name", "return strings.TrimSpace(name)")}),
    ],
    title="depot crashes on small chunk widths",
    report="""panic: runtime error: integer divide by zero
[signal SIGFPE: floating-point exception code=0x1 addr=0x47f2a5 pc=0x47f2a5]

goroutine 34 [running]:
example.org/depot/internal/upload.Chunks(0x1000, 0x0)
\t/go/src/example.org/depot/internal/upload/chunks.go:5 +0x1d
example.org/depot/internal/server.Handle(...)
\t/go/src/example.org/depot/internal/server/handler.go:4
""",
    file="internal/upload/chunks.go",
    function="Chunks",
    first=(1, 1, 1),
)

_DURATION = """//! Durations as people write them.

use std::time::Duration;

/// Reads `90s`, `5m` and `2h`.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at(text.len() - 1);
    let count: u64 = number.parse().ok()?;
    Some(Duration::from_secs(count * seconds_of(unit)))
}

fn seconds_of(unit: &str) -> u64 {
    match unit {
        "s" => 1,
        "m" => 60,
        _ => 3600,
    }
}
"""

RUST = Golden(
    name="a panicked thread (Rust)",
    steps=[
        Step(
            "Durations",
            {
                "src/duration.rs": _DURATION,
                "src/main.rs": 'mod duration;\n\nfn main() {\n    println!("{:?}", duration::parse_duration("5m"));\n}\n',
                "src/schedule.rs": (
                    "pub struct Schedule {\n    pub every: u64,\n}\n\nimpl Schedule {\n"
                    "    pub fn next(&self, now: u64) -> u64 {\n        now + self.every\n    }\n}\n"
                ),
            },
        ),
        Step(
            "Refuse unknown units",
            {"src/duration.rs": ("_ => 3600,", '"h" => 3600,\n        _ => panic!("unknown unit of a duration: {unit}"),')},
        ),
        Step("Run at once", {"src/schedule.rs": ("now + self.every", "now")}),
    ],
    title="scheduler dies on days",
    report="""With `every = 2d` in the file the scheduler dies at start:

thread 'main' panicked at src/duration.rs:17:14:
unknown unit of a duration: d
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
""",
    file="src/duration.rs",
    function="seconds_of",
    commit="Refuse unknown units",
    first=(1, 2, 1),
)

_RESERVATION = """namespace Shop.Stock
{
    public class Reservation
    {
        private int held;

        public void Hold(int count)
        {
            held += count;
        }

        public void Release(int count)
        {
            if (count > held)
            {
                throw new System.InvalidOperationException("More released than held");
            }
            held -= count;
        }
    }
}
"""

CSHARP = Golden(
    name="a stack trace of a build on Windows (C#)",
    steps=[
        Step(
            "Reservations",
            {
                "src/Stock/Reservation.cs": _RESERVATION,
                "src/Stock/Shelf.cs": (
                    'namespace Shop.Stock\n{\n    public class Shelf\n    {\n        public string Name => "A";\n    }\n}\n'
                ),
                "src/Orders/Order.cs": (
                    "namespace Shop.Orders\n{\n    public class Order\n    {\n        public void Cancel()\n        {\n"
                    "            reservation.Release(Count);\n        }\n    }\n}\n"
                ),
            },
        ),
        Step("Name the shelf", {"src/Stock/Shelf.cs": ('"A"', '"Shelf A"')}),
        Step("Hold only what is there", {"src/Stock/Reservation.cs": ("held += count", "held += System.Math.Min(count, 1)")}),
    ],
    title="Orders cannot be canceled",
    report="""Canceling an order of two pieces gives an error page:

System.InvalidOperationException: More released than held
   at Shop.Stock.Reservation.Release(Int32 count) in C:\\agent\\_work\\7\\s\\src\\Stock\\Reservation.cs:line 16
   at Shop.Orders.Order.Cancel() in C:\\agent\\_work\\7\\s\\src\\Orders\\Order.cs:line 7
   at Microsoft.AspNetCore.Mvc.Infrastructure.ActionMethodExecutor.Execute(Object controller)
""",
    file="src/Stock/Reservation.cs",
    function="Reservation.Release",
    commit="Hold only what is there",
    first=(1, 2, 2),
)

KOTLIN = Golden(
    name="a message that the program writes (Kotlin)",
    steps=[
        Step(
            "Shipping",
            {
                "app/src/main/kotlin/shop/Carriers.kt": (
                    "package shop\n\nclass Carriers(private val zones: Map<String, String>) {\n"
                    "    fun carrierFor(zone: String): String {\n"
                    '        return zones[zone] ?: throw IllegalStateException("There is no carrier for the zone $zone")\n'
                    "    }\n}\n"
                ),
                "app/src/main/kotlin/shop/Zones.kt": (
                    "package shop\n\nobject Zones {\n    fun zoneOf(country: String): String {\n"
                    "        return country.uppercase()\n    }\n}\n"
                ),
                "app/src/main/kotlin/shop/Labels.kt": (
                    'package shop\n\nfun label(zone: String): String {\n    return "to $zone"\n}\n'
                ),
            },
        ),
        Step("Labels in capitals", {"app/src/main/kotlin/shop/Labels.kt": ('"to $zone"', '"TO $zone"')}),
    ],
    title="Parcels to the islands",
    report="For parcels to the islands the screen shows “There is no carrier for the zone IS”. What is that?",
    file="app/src/main/kotlin/shop/Carriers.kt",
    function="Carriers.carrierFor",
)

_RING = """#include "ring.h"

void ring_push(struct ring *ring, int value)
{
    ring->values[ring->head] = value;
    ring->head = (ring->head + 1) % ring->size;
}

int ring_pop(struct ring *ring)
{
    int value = ring->values[ring->tail];
    ring->tail = (ring->tail + 1) % ring->size;
    return value;
}
"""

C_BACKTRACE = Golden(
    name="a backtrace of a debugger (C)",
    steps=[
        Step(
            "A ring",
            {
                "lib/ring.c": _RING,
                "lib/ring.h": "struct ring {\n    int *values;\n    int head;\n    int tail;\n    int size;\n};\n",
                "lib/log.c": '#include <stdio.h>\n\nvoid log_line(const char *text)\n{\n    printf("%s", text);\n}\n',
            },
        ),
        Step("Let the head run on", {"lib/ring.c": ("(ring->head + 1) % ring->size", "ring->head + 1")}),
        Step("End lines of the log", {"lib/log.c": ('"%s"', '"%s\\n"')}),
    ],
    title="Daemon crashes after some hours",
    report="""Program received signal SIGSEGV, Segmentation fault.
#0  0x0000555555555191 in ring_push (ring=0x7fffffffe0f0, value=12) at lib/ring.c:5
#1  0x00005555555551d4 in main () at main.c:40
""",
    file="lib/ring.c",
    function="ring_push",
    commit="Let the head run on",
)

_COMPOSE = "services:\n  web:\n    image: shop-web\n    environment:\n      REQUEST_TIMEOUT_SECONDS: 30\n"

DEPLOYMENT = Golden(
    name="a setting of the deployment",
    steps=[
        Step(
            "Run in containers",
            {
                "docker-compose.yml": _COMPOSE,
                "src/server.ts": (
                    'export function timeout(): number {\n  return Number(process.env["REQUEST_TIMEOUT_SECONDS"]);\n}\n'
                ),
                "src/pages.ts": "export function page(name: string): string {\n  return name;\n}\n",
            },
        ),
        Step("Answer sooner or not at all", {"docker-compose.yml": ("30", "3")}, days=20),
        Step("Shout", {"src/pages.ts": ("return name", "return name.toUpperCase()")}, days=20),
    ],
    title="Long requests are cut off",
    report="Exports are cut off after three seconds by the request timeout. REQUEST_TIMEOUT_SECONDS should be much longer.",
    file="src/server.ts",
    function="timeout",
    commit="Answer sooner or not at all",
    first=(1, 1, 2),
    is_anchored=False,
)

CASES = (TYPESCRIPT, JAVA, GO, RUST, CSHARP, KOTLIN, C_BACKTRACE, DEPLOYMENT)
