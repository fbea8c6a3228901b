"""A year of sales as large as one likes, written straight into the tables, for measuring money.

Of N order lines ten make an order, with its purchase, its payment by bank, one shipment and one
acceptance. Fifty lines are sold from each packed lot; eight households stand behind it, each with
one delivery, every other one paid at the gate. There are as many households as orders.

Everything is as the commands would have left it, so `check-books` finds nothing.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from bench.tracedata import COOPERATIVES, START, VILLAGES_EACH, Writer, people
from shop.core import db

LINES_EACH, LINES_OF_A_LOT, BEHIND_EACH = 10, 50, 8
#: Packed units of a lot, grams of each, grams of each of the eight deliveries behind it.
UNITS, NET_GRAMS = 200, 250
LEAF_GRAMS = UNITS * NET_GRAMS // BEHIND_EACH
PRICE = 16_800
PARTS = {
    "households": 10_080,
    "processing": 3_360,
    "packing": 1_176,
    "freight": 1_008,
    "cooperative": 1_176,
    "platform": 0,
    "tax": 0,
}
SELLERS = PRICE - PARTS["households"] - PARTS["freight"]
CARRIER, UNION = COOPERATIVES + 2, COOPERATIVES + 1
STATEMENT_LINES = 5_000


@dataclass
class Sizes:
    """How many of what, from the number of order lines."""

    lines: int
    orders: int = field(init=False)
    lots: int = field(init=False)
    households: int = field(init=False)

    def __post_init__(self) -> None:
        self.orders = self.lines // LINES_EACH
        self.lots = self.lines // LINES_OF_A_LOT
        self.households = max(self.orders, COOPERATIVES * VILLAGES_EACH)

    @property
    def deliveries(self) -> int:
        """Lots of deliveries; packed lots have the keys after theirs."""
        return self.lots * BEHIND_EACH


@dataclass(frozen=True)
class Sale:
    """A line as it was sold: which packed lot (from zero), and how many units."""

    lot: int
    units: int


def build(database: db.Database, lines: int, seed: int = 832) -> Sizes:
    """Fill a migrated, empty database with accepted and paid sales; nothing is settled."""
    assert lines % (LINES_OF_A_LOT * LINES_EACH * COOPERATIVES) == 0, "lots deal out evenly"
    writer, rng, sizes = Writer(database), random.Random(seed), Sizes(lines)
    people(writer, sizes.households, specifications=LINES_EACH)
    sales = _deal(rng, sizes)
    _lots(writer, rng, sizes, sales)
    _orders(writer, sizes, sales)
    _shipments(writer, sizes, sales)
    _bank(writer, sizes, sales)
    _ledger(database, writer, sizes, sales)
    _payments(writer, sizes, sales)
    with database.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()
    return sizes


def cooperative_of(order: int) -> int:
    """The cooperative (from zero) of an order (from zero)."""
    return order % COOPERATIVES


def _deal(rng: random.Random, sizes: Sizes) -> list[list[Sale]]:
    """For each order its lines, one of each specification of its cooperative."""
    each = sizes.lots // COOPERATIVES // LINES_EACH
    orders_each = sizes.orders // COOPERATIVES
    orders: list[list[Sale]] = []
    for order in range(sizes.orders):
        cooperative, turn = cooperative_of(order), order // COOPERATIVES
        lines = []
        for specification in range(LINES_EACH):
            place = (turn * each // orders_each + specification) % each
            lot = cooperative + COOPERATIVES * (specification + LINES_EACH * place)
            lines.append(Sale(lot, rng.choice((1, 1, 2, 3))))
        orders.append(lines)
    return orders


def value(lines: Sequence[Sale]) -> int:
    """What an order costs, in fen."""
    return PRICE * sum(line.units for line in lines)


def _lots(writer: Writer, rng: random.Random, sizes: Sizes, sales: list[list[Sale]]) -> None:
    sold = [0] * sizes.lots
    for lines in sales:
        for line in lines:
            sold[line.lot] += line.units
    assert max(sold) <= UNITS
    day = START.date().isoformat()
    made, best = writer.stamp(START), (START.date() + timedelta(days=540)).isoformat()
    prices = [rng.randrange(8_000, 12_000, 10) for _ in range(sizes.deliveries)]
    each = sizes.households // COOPERATIVES
    owners = [
        COOPERATIVES * place + lot % COOPERATIVES + 1
        for lot in range(sizes.lots)
        for place in rng.sample(range(each), BEHIND_EACH)
    ]
    columns = (
        *("id", "public_id", "number", "kind", "state", "cooperative_id", "category"),
        *("name", "grade", "grams", "used_grams", "lost_grams", "freezes", "share_version"),
        *("specification_id", "units", "reserved_units", "shipped_units", "written_off_units"),
        *("harvest_from", "harvest_to", "made_at", "best_before", "certificate"),
        *("trace_code", "note", "coded_units"),
    )

    def rows() -> Iterator[tuple[Any, ...]]:
        for key in range(1, sizes.deliveries + 1):
            cooperative = 1 + (key - 1) // BEHIND_EACH % COOPERATIVES
            yield (
                *(key, f"lot_{key:012d}", f"L{key}", "delivery", "recorded", cooperative, "tea"),
                *("狗牯脑", "", LEAF_GRAMS, LEAF_GRAMS, 0, 0, 1, None, 0, 0, 0, 0),
                *(day, day, made, None, "", None, "", 0),
            )
        for lot in range(sizes.lots):
            key = sizes.deliveries + lot + 1
            cooperative = lot % COOPERATIVES
            specification = 1 + cooperative * LINES_EACH + lot // COOPERATIVES % LINES_EACH
            yield (
                *(key, f"lot_{key:012d}", f"L{key}", "packed", "recorded", 1 + cooperative, "tea"),
                *("狗牯脑", "", UNITS * NET_GRAMS, 0, 0, 0, 1, specification, UNITS, 0, sold[lot]),
                *(0, day, day, made, best, "", None, "", 0),
            )

    writer.write("lot", columns, rows())
    columns = ("id", "lot_id", "household_id", "weighed_at", "net_grams", "fen_per_kg")
    writer.write(
        "delivery",
        (*columns, "value_fen", "payment", "certificate_source"),
        (
            (
                *(key, key, owners[key - 1], made, LEAF_GRAMS, prices[key - 1]),
                *(_value(prices[key - 1]), _payment(key), "collected"),
            )
            for key in range(1, sizes.deliveries + 1)
        ),
    )
    writer.write(
        "lot_input",
        ("child_id", "parent_id", "grams", "before_grams"),
        (
            (sizes.deliveries + 1 + (key - 1) // BEHIND_EACH, key, LEAF_GRAMS, 0)
            for key in range(1, sizes.deliveries + 1)
        ),
    )

    def shares() -> Iterator[tuple[int, ...]]:
        standing = [
            (key, owners[key - 1], _value(prices[key - 1])) for key in range(1, len(owners) + 1)
        ]
        for key, owner, worth in standing:
            paid = worth if _payment(key) == "paid" else 0
            yield key, 1, owner, LEAF_GRAMS * 1000, worth, paid
        for lot in range(sizes.lots):
            mine = standing[lot * BEHIND_EACH : (lot + 1) * BEHIND_EACH]
            for key, owner, worth in sorted(mine, key=lambda share: share[1]):
                paid = worth if _payment(key) == "paid" else 0
                yield sizes.deliveries + lot + 1, 1, owner, LEAF_GRAMS * 1000, worth, paid

    columns = ("lot_id", "version", "household_id", "milligrams", "value_fen", "paid_fen")
    writer.write("lot_share", columns, shares())


def _payment(delivery: int) -> str:
    return "paid" if delivery % 2 else "consignment"


def _value(fen_per_kg: int) -> int:
    return (2 * LEAF_GRAMS * fen_per_kg + 1000) // 2000


def _orders(writer: Writer, sizes: Sizes, sales: list[list[Sale]]) -> None:
    placed = [writer.stamp(START + timedelta(days=30, seconds=n)) for n in range(sizes.orders)]
    writer.write(
        "purchase",
        (
            *("id", "public_id", "number", "reference", "kind", "state", "terms", "union_id"),
            *("buyer_id", "total_fen", "recipient", "phone", "address", "note", "submitted_at"),
            "province",
        ),
        (
            (
                *(n, f"purchase_{n:010d}", f"P{n}", f"{n:09d}", "bulk", "approved", "before"),
                *(UNION, 1, value(lines), "孙浩", "0796", "示范路", "", placed[n - 1], ""),
            )
            for n, lines in enumerate(sales, start=1)
        ),
    )
    writer.write(
        "purchase_order",
        (
            *("id", "public_id", "number", "purchase_id", "cooperative_id", "state", "total_fen"),
            *("fresh", "placed_at"),
        ),
        (
            (
                *(n, f"order_{n:010d}", f"O{n}", n, 1 + cooperative_of(n - 1), "accepted"),
                *(value(lines), False, placed[n - 1]),
            )
            for n, lines in enumerate(sales, start=1)
        ),
    )
    columns = ("id", "order_id", "specification_id", "product_name", "specification_name")
    writer.write(
        "order_line",
        (
            *(*columns, "unit", "units", "price_fen", *(f"{part}_fen" for part in PARTS)),
            *("list_price_fen", "discount_fen", "surcharge_fen", "tax_class", "tax_rate_bp"),
        ),
        (
            (
                *(key, n, 1 + cooperative_of(n - 1) * LINES_EACH + place, "狗牯脑绿茶"),
                *("250 克罐装", "罐", line.units, PRICE, *PARTS.values()),
                *(PRICE, 0, 0, "exempt", 0),
            )
            for key, n, place, line in _numbered(sales)
        ),
    )
    writer.write(
        "allocation",
        (
            *("id", "public_id", "line_id", "lot_id", "units", "cancelled_units", "shipped_units"),
            *("accepted_units", "short_units", "damaged_units", "returned_units"),
        ),
        (
            (
                *(key, f"alloc_{key:010d}", key, sizes.deliveries + line.lot + 1, line.units),
                *(0, line.units, line.units, 0, 0, 0),
            )
            for key, _n, _place, line in _numbered(sales)
        ),
    )


def _numbered(sales: list[list[Sale]]) -> Iterator[tuple[int, int, int, Sale]]:
    """Every line with its key, the key of its order, and its place there from zero."""
    key = 0
    for n, lines in enumerate(sales, start=1):
        for place, line in enumerate(lines):
            key += 1
            yield key, n, place, line


def _shipments(writer: Writer, sizes: Sizes, sales: list[list[Sale]]) -> None:
    sent = writer.stamp(START + timedelta(days=40))
    signed = [writer.stamp(START + timedelta(days=45, seconds=n)) for n in range(sizes.orders)]
    columns = ("id", "public_id", "number", "order_id", "carrier_id", "waybill", "parcels")
    writer.write(
        "shipment",
        (*columns, "state", "shipped_at", "arrived_at"),
        (
            (n, f"ship_{n:010d}", f"S{n}", n, CARRIER, "", 1, "accepted", sent, sent)
            for n in range(1, sizes.orders + 1)
        ),
    )
    writer.write(
        "shipment_line",
        ("id", "shipment_id", "allocation_id", "units"),
        ((key, n, key, line.units) for key, n, _place, line in _numbered(sales)),
    )
    writer.write(
        "acceptance",
        (
            *("id", "public_id", "number", "shipment_id", "order_id", "state"),
            *("first_signed_at", "signed_at", "note", "value_fen", "receivable_fen"),
        ),
        (
            (
                *(n, f"accept_{n:010d}", f"Y{n}", n, n, "signed"),
                *(signed[n - 1], signed[n - 1], "", value(lines), 0),
            )
            for n, lines in enumerate(sales, start=1)
        ),
    )
    columns = ("id", "public_id", "acceptance_id", "allocation_id", "lot_id", "households_fen")
    writer.write(
        "acceptance_line",
        (
            *(*columns, "accepted_units", "short_units", "damaged_units", "returned_units"),
            *("asked_units", "note"),
        ),
        (
            (
                *(key, f"accline_{key:010d}", n, key, sizes.deliveries + line.lot + 1),
                *(PARTS["households"], line.units, 0, 0, 0, 0, ""),
            )
            for key, n, _place, line in _numbered(sales)
        ),
    )


def _bank(writer: Writer, sizes: Sizes, sales: list[list[Sale]]) -> None:
    balances, balance = [], 0
    for lines in sales:
        balance += value(lines)
        balances.append(balance)
    at = [writer.stamp(START + timedelta(days=31, seconds=n)) for n in range(sizes.orders)]

    def statements() -> Iterator[tuple[Any, ...]]:
        for number, first in enumerate(range(0, sizes.orders, STATEMENT_LINES), start=1):
            last = min(first + STATEMENT_LINES, sizes.orders) - 1
            opening = balances[first - 1] if first else 0
            yield (
                *(number, f"statement_{number}", "imported", f"{number}.csv", f"{number:064d}"),
                *(last - first + 1, at[first], at[last], opening),
                *(balances[last] - opening, 0, balances[last], at[last], "csv", 0, 0, False),
            )

    columns = ("id", "public_id", "state", "file_name", "file_hash", "lines", "first_at")
    more = ("last_at", "opening_fen", "credits_fen", "debits_fen", "closing_fen", "imported_at")
    rest = ("format", "repeats", "pending", "reckoned")
    writer.write("bank_statement", (*columns, *more, *rest), statements())
    columns = ("id", "public_id", "statement_id", "position", "line_key", "undone", "state", "at")
    more = ("amount_fen", "balance_fen", "counterparty", "account_sealed", "account_last4")
    writer.write(
        "bank_line",
        (*columns, *more, "memo", "serial"),
        (
            (
                *(n, f"bankline_{n:010d}", 1 + (n - 1) // STATEMENT_LINES, n, f"{n}", False),
                *("matched", at[n - 1], value(lines), balances[n - 1], "示范工会", "", "0001"),
                *(f"{n:09d}", f"{n}"),
            )
            for n, lines in enumerate(sales, start=1)
        ),
    )


def _ledger(database: db.Database, writer: Writer, sizes: Sizes, sales: list[list[Sale]]) -> None:
    """Accounts by kind in a row: custody, carrier, cooperatives, escrows, pools."""
    first_escrow = 3 + COOPERATIVES
    first_pool = first_escrow + sizes.orders

    def accounts() -> Iterator[tuple[Any, ...]]:
        yield 1, "custody", 0
        yield 2, "carrier_payable", CARRIER
        for n in range(COOPERATIVES):
            yield 3 + n, "cooperative_payable", 1 + n
        for n in range(sizes.orders):
            yield first_escrow + n, "escrow", 1 + n
        for n in range(sizes.lots):
            yield first_pool + n, "lot_pool", sizes.deliveries + 1 + n

    def transfers() -> Iterator[tuple[int, ...]]:
        for n, lines in enumerate(sales):
            yield 1 + n, 1, 1, first_escrow + n, value(lines)
        for n, lines in enumerate(sales):
            journal, escrow = 1 + sizes.orders + n, first_escrow + n
            units = sum(line.units for line in lines)
            for position, line in enumerate(lines, start=1):
                amount = line.units * PARTS["households"]
                yield journal, position, escrow, first_pool + line.lot, amount
            yield journal, LINES_EACH + 1, escrow, 3 + cooperative_of(n), units * SELLERS
            yield journal, LINES_EACH + 2, escrow, 2, units * PARTS["freight"]

    def journals() -> Iterator[tuple[Any, ...]]:
        for n, lines in enumerate(sales):
            at = writer.stamp(START + timedelta(days=31, seconds=n))
            thing = f"bankline_{n + 1:010d}"
            yield (
                *(1 + n, f"journal_{1 + n:010d}", "bank_credit", f"bank_credit:{thing}", ""),
                *(thing, at, at, 1, value(lines)),
            )
        for n, lines in enumerate(sales):
            at = writer.stamp(START + timedelta(days=45, seconds=n))
            key, thing = 1 + sizes.orders + n, f"accept_{n + 1:010d}"
            yield (
                *(key, f"journal_{key:010d}", "acceptance", f"acceptance:{thing}", ""),
                *(thing, at, at, LINES_EACH + 2, value(lines)),
            )

    writer.write("ledger_account", ("id", "kind", "owner_id"), accounts())
    columns = ("journal_id", "position", "debit_id", "credit_id", "amount_fen")
    more = ("id", "public_id", "kind", "event_key", "content_hash", "about", "effective_at")
    writer.write_together(
        ("ledger_transfer", columns, transfers()),
        ("ledger_journal", (*more, "posted_at", "transfer_count", "total_fen"), journals()),
    )
    if not database.is_sqlite:
        with database.writing() as tx:  # written by their keys: the counters go on behind them
            for table in ("ledger_account", "ledger_journal"):
                tx.execute(
                    text(
                        f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id))"
                        f" FROM {table}"
                    )
                )


def _payments(writer: Writer, sizes: Sizes, sales: list[list[Sale]]) -> None:
    at = [writer.stamp(START + timedelta(days=31, seconds=n)) for n in range(sizes.orders)]
    columns = ("id", "public_id", "bank_line_id", "order_id", "journal_id", "amount_fen", "at")
    writer.write(
        "payment",
        (*columns, "undone", "refunded_fen"),
        (
            (n, f"payment_{n:010d}", n, n, n, value(lines), at[n - 1], False, 0)
            for n, lines in enumerate(sales, start=1)
        ),
    )
