"""Cases in Python, Ruby and PHP."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.core.code.golden.case import Golden
from tests.core.code.histories import Step

_CART = '''
"""The cart of a customer."""

from shop.vouchers import Voucher


class Cart:
    def __init__(self) -> None:
        self.lines: list[tuple[str, int, int]] = []
        self.vouchers: list[Voucher] = []

    def add(self, article: str, cents: int, count: int = 1) -> None:
        self.lines.append((article, cents, count))

    def set_count(self, article: str, count: int) -> None:
        """Change the quantity of a line."""
        self.lines = [(name, cents, count if name == article else old) for name, cents, old in self.lines]

    def redeem(self, voucher: Voucher) -> None:
        """Use a voucher once."""
        if voucher not in self.vouchers:
            self.vouchers.append(voucher)

    def total(self) -> int:
        return max(0, sum(cents * count for _, cents, count in self.lines) - self.discount())

    def discount(self) -> int:
        return sum(voucher.cents for voucher in self.vouchers)
'''
_SHOP_FILES = {
    "shop/__init__.py": "",
    "shop/cart.py": _CART,
    "shop/vouchers.py": (
        "from dataclasses import dataclass\n\n\n@dataclass(frozen=True)\nclass Voucher:\n    code: str\n    cents: int\n\n\n"
        "def parse_voucher(code: str) -> Voucher:\n"
        "    name, _, cents = code.partition('-')\n    return Voucher(name, int(cents))\n"
    ),
    "shop/mail.py": "def confirm(address: str, total: int) -> str:\n    return f'Dear {address}, your total is {total}'\n",
    "shop/stock.py": "def reserve(article: str, count: int) -> None:\n    print('reserved', article, count)\n",
    "tests/test_cart.py": "from shop.cart import Cart\n\n\ndef test_a_voucher_counts_once():\n    Cart().total()\n",
}

VOUCHER = Golden(
    name="a symptom in words (Python)",
    steps=[
        Step("Start the shop", _SHOP_FILES),
        Step("Greet customers in the mail", {"shop/mail.py": ("Dear ", "Hello ")}),
        Step(
            "Redeem again when a quantity changes",
            {
                "shop/cart.py": (
                    "count if name == article else old) for name, cents, old in self.lines]\n",
                    "count if name == article else old) for name, cents, old in self.lines]\n"
                    "        self.vouchers += [voucher for voucher in self.vouchers if voucher.cents]\n",
                )
            },
        ),
        Step("Reserve with a reason", {"shop/stock.py": ("'reserved'", "'reserved for an order'")}),
    ],
    title="Voucher is taken off twice",
    report="When I change the quantity of something in my cart, the voucher is deducted a second time. Total is too low then.",
    file="shop/cart.py",
    function="Cart.set_count",
    commit="Redeem again when a quantity changes",
    first=(1, 3, 1),
    is_anchored=False,
)

_PARSER = """
import csv
from datetime import datetime
from pathlib import Path

from meters.units import to_watts


def read_meters(path: Path) -> list[dict[str, object]]:
    with path.open() as stream:
        return [parse_row(row) for row in csv.reader(stream, delimiter=";")]


def parse_row(row: list[str]) -> dict[str, object]:
    name, at, amount = row
    return {"name": name, "at": parse_moment(at), "watts": to_watts(amount)}


def parse_moment(text: str) -> datetime:
    return datetime.strptime(text, "%d.%m.%Y %H:%M")
"""

DEPLOYED_TRACE = Golden(
    name="a traceback with deployed paths (Python)",
    steps=[
        Step(
            "Import meters",
            {
                "src/meters/reader.py": _PARSER,
                "src/meters/units.py": (
                    "FACTORS = {'W': 1, 'kW': 1000}\n\n\ndef to_watts(amount: str) -> float:\n"
                    "    number, unit = amount.split()\n    return float(number.replace(',', '.')) * FACTORS[unit]\n"
                ),
                "src/meters/charts.py": "def draw(meters):\n    return [meter['watts'] for meter in meters]\n",
                "README.md": "# Meters\nReads meters and draws charts of watts.\n",
            },
        ),
        Step("Draw only what is above zero", {"src/meters/charts.py": ("in meters]", "in meters if meter['watts'] > 0]")}),
        Step("Read megawatts", {"src/meters/units.py": ("'kW': 1000}", "'kW': 1000, 'MW ': 1_000_000}")}),
    ],
    title="Import fails for the new plant",
    report="""The import of this morning's file stopped:

Traceback (most recent call last):
  File "/opt/venvs/meters/lib/python3.11/site-packages/meters/reader.py", line 11, in read_meters
    return [parse_row(row) for row in csv.reader(stream, delimiter=";")]
  File "/opt/venvs/meters/lib/python3.11/site-packages/meters/reader.py", line 16, in parse_row
    return {"name": name, "at": parse_moment(at), "watts": to_watts(amount)}
  File "/opt/venvs/meters/lib/python3.11/site-packages/meters/units.py", line 6, in to_watts
    return float(number.replace(',', '.')) * FACTORS[unit]
KeyError: 'MW'
""",
    file="src/meters/units.py",
    function="to_watts",
    commit="Read megawatts",
    first=(1, 1, 2),
)

_LIMITS = "def page_size(asked):\n    return min(asked, 100)\n\n\ndef offset(page, asked):\n    return page * page_size(asked)\n"

VERSIONS = Golden(
    name="a window between two versions (Python)",
    steps=[
        Step(
            "Start",
            {"api/paging.py": _LIMITS, "api/search.py": "def search(words, page, asked):\n    return words, page, asked\n"},
        ),
        Step("Cap pages at 200 rows", {"api/paging.py": ("min(asked, 100)", "min(asked, 200)")}, tags=["v4.1.0"]),
        Step("Count pages from one", {"api/paging.py": ("page * page_size", "(page - 1) * page_size")}),
        Step("Search without case", {"api/search.py": ("return words,", "return words.lower(),")}, tags=["v4.2.0"]),
        Step("Allow pages of 500 rows", {"api/paging.py": ("min(asked, 200)", "min(asked, 500)")}, tags=["v4.3.0"]),
    ],
    title="Paging skips rows",
    report="The first page of the search results lacks rows, the offset of a page is off. It worked in 4.1, broken in 4.2.",
    file="api/paging.py",
    function="offset",
    commit="Count pages from one",
    first=(1, 2, 1),
    is_anchored=False,
)

_SUBSCRIPTION = """
class Subscription
  attr_reader :customer, :plan

  def initialize(customer, plan)
    @customer = customer
    @plan = plan
  end

  def renew(today)
    charge(plan.price)
    @ends_on = today.next_month
  end

  def charge(cents)
    customer.card.charge!(cents)
  end
end
"""

RUBY_TRACE = Golden(
    name="a stack trace with deployed paths (Ruby)",
    steps=[
        Step(
            "Subscriptions",
            {
                "app/models/subscription.rb": _SUBSCRIPTION,
                "app/models/plan.rb": "class Plan\n  def price\n    900\n  end\nend\n",
                "app/jobs/renewal_job.rb": (
                    "class RenewalJob\n  def perform(subscription)\n    subscription.renew(Date.today)\n  end\nend\n"
                ),
                "app/mailers/renewal_mailer.rb": "class RenewalMailer\n  def renewed(subscription)\n    mail\n  end\nend\n",
            },
        ),
        Step(
            "Charge the card of the customer's company",
            {"app/models/subscription.rb": ("customer.card", "customer.company.card")},
        ),
        Step("Raise the price", {"app/models/plan.rb": ("900", "1100")}),
    ],
    title="Renewals of private customers crash",
    report="""Since this week the nightly renewals die:

NoMethodError: undefined method `card' for nil:NilClass
/srv/shop/releases/20260105/app/models/subscription.rb:16:in `charge'
/srv/shop/releases/20260105/app/models/subscription.rb:11:in `renew'
/srv/shop/releases/20260105/app/jobs/renewal_job.rb:3:in `perform'
/usr/local/bundle/gems/sidekiq-7.1.0/lib/sidekiq/processor.rb:202:in `execute_job'
""",
    file="app/models/subscription.rb",
    function="Subscription.charge",
    commit="Charge the card of the customer's company",
)

_COUPON = """<?php
namespace Shop;

class Coupon
{
    private string $code;

    public function __construct(string $code)
    {
        $this->code = $code;
    }

    public function apply(float $total): float
    {
        return $total - $this->amount($total);
    }

    private function amount(float $total): float
    {
        return $total * 0.1;
    }
}
"""

PHP_TRACE = Golden(
    name="a fatal error of a web server (PHP)",
    steps=[
        Step(
            "Coupons",
            {
                "src/Coupon.php": _COUPON,
                "src/Checkout.php": (
                    "<?php\nnamespace Shop;\n\nclass Checkout\n{\n"
                    "    public function total(Cart $cart, Coupon $coupon): float\n    {\n"
                    "        return $coupon->apply($cart->sum());\n    }\n}\n"
                ),
                "src/Cart.php": (
                    "<?php\nnamespace Shop;\n\nclass Cart\n{\n"
                    "    public function sum(): float\n    {\n        return 10.0;\n    }\n}\n"
                ),
            },
        ),
        Step("Let carts be empty", {"src/Cart.php": ("        return 10.0;", "        return $this->lines ? 10.0 : 0.0;")}),
        Step(
            "Read the amount of a coupon from its code", {"src/Coupon.php": ("$total * 0.1", "$total * substr($this->code, -2)")}
        ),
    ],
    title="500 at the checkout with code SPRING",
    report="""nginx says:

PHP Fatal error:  Uncaught TypeError: Unsupported operand types: float * string in /var/www/html/src/Coupon.php:20
Stack trace:
#0 /var/www/html/src/Coupon.php(15): Shop\\Coupon->amount(49.9)
#1 /var/www/html/src/Checkout.php(8): Shop\\Coupon->apply(49.9)
#2 /var/www/html/public/index.php(31): Shop\\Checkout->total(Object(Shop\\Cart), Object(Shop\\Coupon))
#3 {main}
  thrown in /var/www/html/src/Coupon.php on line 20
""",
    file="src/Coupon.php",
    function="Coupon.amount",
    commit="Read the amount of a coupon from its code",
)

NOT_THE_CODE = Golden(
    name="nothing about the code",
    steps=[Step("Start the shop", _SHOP_FILES)],
    title="Coffee machine on the second floor",
    report="Hello facility team, it leaks water again beside the elevator. Somebody should clean that up before lunch, please.",
    is_anchored=False,
)

SINCE_A_DAY = Golden(
    name="since a day (Python)",
    steps=[
        Step(
            "Start",
            {"billing/rounding.py": "def round_cents(amount):\n    return round(amount, 2)\n", "billing/export.py": "X = 1\n"},
        ),
        Step(
            "Round half up for the accountants",
            {"billing/rounding.py": ("round(amount, 2)", "int(amount * 100 + 0.5) / 100")},
            days=60,
        ),
        Step(
            "Round negative amounts away from zero",
            {"billing/rounding.py": ("return int(", "return -1 if amount < 0 else int(")},
            days=30,
        ),
        Step("Export more", {"billing/export.py": ("1", "2")}, days=9),
        Step(
            "Say what rounding does",
            {"billing/rounding.py": ("def round_cents(amount):\n", "def round_cents(amount):\n    # cents\n")},
            days=4,
        ),
    ],
    title="Credit notes are wrong",
    report=(
        "Since 2026-04-04 the cents of credit notes are wrong, "
        "round_cents gives -1 for all of them. On 2026-03-25 they were fine."
    ),
    file="billing/rounding.py",
    function="round_cents",
    commit="Round negative amounts away from zero",
    reported_at=datetime(2026, 4, 20, 9, tzinfo=UTC),
)

CASES = (VOUCHER, DEPLOYED_TRACE, VERSIONS, RUBY_TRACE, PHP_TRACE, NOT_THE_CODE, SINCE_A_DAY)
