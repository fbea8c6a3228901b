"""A region as large as one likes, written straight into the tables, for measuring lots and codes.

Of N lots seven in ten are deliveries, the others are made of them: processed lots of some five
deliveries, blends of six processed lots, packed lots of some six blends, so that about 180
households stand behind a packed lot and about twenty behind a lot on average. Packed lots hold a
hundred units each and are sold in two or three orders.
"""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text

from products.lots.sharing import build_shares
from shop.core import clock, db
from shop.core.events import digest_of

START = clock.at(date(2026, 3, 20), 9)
COOPERATIVES, VILLAGES_EACH, UNITS_EACH = 10, 20, 100
#: Cut for each blend and each packed lot taken from it.
BLEND_CUTS, BLENDS_EACH = 13, 6
LOTS_AT_ONCE = 1_000


@dataclass
class Sizes:
    """How many of what, from the number of lots."""

    lots: int
    deliveries: int = field(init=False)
    processed: int = field(init=False)
    blends: int = field(init=False)
    packed: int = field(init=False)
    households: int = field(init=False)

    def __post_init__(self) -> None:
        self.processed, self.blends = self.lots * 15 // 100, self.lots * 5 // 100
        self.packed = self.lots // 10
        self.deliveries = self.lots - self.processed - self.blends - self.packed
        self.households = max(self.lots // 10, COOPERATIVES * VILLAGES_EACH)


@dataclass
class Built:
    """What was built, and how long each part took in seconds."""

    sizes: Sizes
    shares: int
    seconds: dict[str, float]
    first_packed: int
    village: int = 0


class Writer:
    """Rows into tables as fast as each database takes them, every constraint on."""

    def __init__(self, database: db.Database) -> None:
        self.database = database

    def write(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Insert rows: by COPY on PostgreSQL, by one prepared statement on SQLite."""
        self.write_together((table, columns, rows))

    def write_together(self, *tables: tuple[str, Sequence[str], Iterable[Sequence[Any]]]) -> None:
        """Insert rows into several tables, in their order, in one transaction."""
        connection = self.database.engine.raw_connection()
        try:
            if self.database.is_sqlite:
                connection.execute("BEGIN IMMEDIATE")
            for table, columns, rows in tables:
                self._insert(connection, table, columns, rows)
            connection.commit()
        finally:
            connection.close()

    def _insert(
        self, connection: Any, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
    ) -> None:
        if self.database.is_sqlite:
            marks = ", ".join("?" * len(columns))
            statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
            connection.executemany(statement, rows)
            return
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)

    def stamp(self, moment: datetime) -> Any:
        """A moment as the driver takes it."""
        if self.database.is_sqlite:
            return moment.replace(tzinfo=None).isoformat(" ", "microseconds")
        return moment


def build(database: db.Database, lots: int, seed: int = 832) -> Built:
    """Fill a migrated, empty database; returns what was built."""
    writer, rng, sizes = Writer(database), random.Random(seed), Sizes(lots)
    seconds: dict[str, float] = {}
    began = time.perf_counter()
    people(writer, sizes.households)
    edges, grams = _graph(rng, sizes)
    _lots(writer, rng, sizes, grams)
    writer.write("lot_input", ("child_id", "parent_id", "grams", "before_grams"), edges)
    seconds["lots and inputs"] = time.perf_counter() - began
    _analyze(database)
    began = time.perf_counter()
    _shares(database, sizes)
    seconds["shares"] = time.perf_counter() - began
    with database.reading() as tx:
        shares = int(tx.execute(text("SELECT count(*) FROM lot_share")).scalar_one())
    began = time.perf_counter()
    _orders(writer, rng, sizes)
    seconds["orders"] = time.perf_counter() - began
    _analyze(database)
    return Built(sizes, shares, seconds, sizes.deliveries + sizes.processed + sizes.blends + 1)


def _analyze(database: db.Database) -> None:
    """Let the planner know what there is, as autovacuum would after a while."""
    with database.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()


def people(writer: Writer, households: int, specifications: int = 1) -> None:
    """Cooperatives with products, a union, a carrier, one user, villages and households."""
    writer.write(
        "county",
        ("id", "code", "name", "name_en", "province", "grid_column", "grid_row"),
        [(1, "suichuan", "遂川县", "Suichuan", "江西", 1, 1)],
    )
    columns = ("id", "public_id", "kind", "code", "name", "name_en", "credit_code", "address")
    more = ("phone", "contact", "member_count", "story")
    kinds = [("cooperative", f"C{n}") for n in range(COOPERATIVES)] + [
        ("union", "U0"),
        ("carrier", "T0"),
    ]
    writer.write(
        "organisation",
        columns + more,
        [
            (n, f"org_{code}", kind, code, code, code, "", "", "", "", 0, "")
            for n, (kind, code) in enumerate(kinds, start=1)
        ],
    )
    writer.write(
        "app_user",
        ("id", "public_id", "name", "email", "session_version", "active", "language"),
        [(1, "user_bench", "王梅", "bench@test.example", 1, True, "zh")],
    )
    villages = COOPERATIVES * VILLAGES_EACH
    writer.write(
        "village",
        ("id", "public_id", "county_id", "township", "name", "name_en"),
        [(n, f"village_{n}", 1, "汤湖镇", f"村{n}", "") for n in range(1, villages + 1)],
    )
    columns = ("id", "public_id", "cooperative_id", "village_id", "name", "code", "pin_hash")
    writer.write(
        "household",
        (*columns, "pin_version", "registered_at"),
        (
            (
                *(n, f"hh_{n:012d}", 1 + _village(n) // VILLAGES_EACH, 1 + _village(n)),
                *("张桂兰", f"H{n:08d}", "", 1, writer.stamp(START)),
            )
            for n in range(1, households + 1)
        ),
    )
    writer.write(
        "product",
        (
            *("id", "public_id", "cooperative_id", "county_id", "slug", "name", "name_en"),
            *("category", "grade", "grade_en", "season", "season_en", "story", "story_en"),
            *("geographical_indication", "fresh", "shelf_life_days", "search_text", "listed"),
        ),
        [
            (
                *(n, f"product_{n}", n, 1, f"tea-{n}", "狗牯脑绿茶", "Gougunao green tea"),
                *("tea", "", "", "", "", "", "", True, False, 540, "", True),
            )
            for n in range(1, COOPERATIVES + 1)
        ],
    )
    writer.write(
        "specification",
        (
            *("id", "public_id", "product_id", "name", "name_en", "unit", "unit_en"),
            "net_grams",
        ),
        [
            (
                n,
                f"spec_{n}",
                1 + (n - 1) // specifications,
                f"250 克罐装 {n}",
                "250 g tin",
                "罐",
                "tin",
                250,
            )
            for n in range(1, COOPERATIVES * specifications + 1)
        ],
    )


def _village(household: int) -> int:
    """The village of a household, from zero."""
    return household % (COOPERATIVES * VILLAGES_EACH)


def _graph(rng: random.Random, sizes: Sizes) -> tuple[list[tuple[int, ...]], list[int]]:
    """Withdrawals (child, parent, grams, before) and what each lot weighs, by key from one.

    Lots are dealt to cooperatives by their key, so parents and children share the cooperative.
    """
    edges: list[tuple[int, ...]] = []
    weights = [0] * (sizes.lots + 1)
    for key in range(1, sizes.deliveries + 1):
        weights[key] = rng.randrange(4_000, 20_000, 50)
    first = sizes.deliveries + 1
    taken_from = range(1, sizes.deliveries + 1)
    first = _level(rng, edges, weights, taken_from, first, sizes.processed, cuts=1)
    taken_from = range(sizes.deliveries + 1, first)
    second = _level(rng, edges, weights, taken_from, first, sizes.blends, cuts=2)
    cuts = -(-sizes.packed * BLENDS_EACH // sizes.blends)
    _level(rng, edges, weights, range(first, second), second, sizes.packed, cuts=cuts)
    return edges, weights


def _level(
    rng: random.Random,
    edges: list[tuple[int, ...]],
    weights: list[int],
    parents: range,
    first: int,
    count: int,
    cuts: int,
) -> int:
    """Deal every parent, cut into equal parts, to the children of its cooperative in turn."""
    children = {c: list(range(first + c, first + count, COOPERATIVES)) for c in range(COOPERATIVES)}
    pile: dict[int, list[tuple[int, int, int]]] = {c: [] for c in range(COOPERATIVES)}
    for parent in parents:
        part = weights[parent] // cuts
        place = (parent - parents.start) % COOPERATIVES
        pile[place].extend((parent, part, part * cut) for cut in range(cuts) if part)
    made: dict[int, dict[int, tuple[int, int]]] = {}
    for place, parts in pile.items():
        rng.shuffle(parts)
        mine = children[place]
        for number, (parent, part, before) in enumerate(parts):
            made.setdefault(mine[number % len(mine)], {}).setdefault(parent, (part, before))
    for child, inputs in made.items():
        edges.extend((child, parent, part, before) for parent, (part, before) in inputs.items())
        weights[child] = (
            sum(part for part, _before in inputs.values())
            * (22 if first == parents.stop and cuts == 1 else 100)
            // 100
        )
    return first + count


def _lots(writer: Writer, rng: random.Random, sizes: Sizes, weights: list[int]) -> None:
    day, best = START.date().isoformat(), date(2027, 9, 1).isoformat()
    bounds = (
        ("delivery", sizes.deliveries),
        ("processed", sizes.processed),
        ("blend", sizes.blends),
        ("packed", sizes.packed),
    )

    def rows() -> Iterator[tuple[Any, ...]]:
        key = 0
        for kind, count in bounds:
            packed = kind == "packed"
            for place in range(count):
                key += 1
                cooperative = 1 + place % COOPERATIVES
                made = writer.stamp(START + timedelta(seconds=key * 10))
                yield (
                    *(key, f"lot_{key:016d}", f"L{key}", kind, "recorded", cooperative, "tea"),
                    *("狗牯脑", "", max(weights[key], 1), 0, 0, 0, 1),
                    *(cooperative if packed else None, UNITS_EACH if packed else 0, 0, 0, 0),
                    *(day, day, made, best if packed else None, "", None, "", 0),
                )

    columns = (
        *("id", "public_id", "number", "kind", "state", "cooperative_id", "category"),
        *("name", "grade", "grams", "used_grams", "lost_grams", "freezes", "share_version"),
        *("specification_id", "units", "reserved_units", "shipped_units", "written_off_units"),
        *("harvest_from", "harvest_to", "made_at", "best_before", "certificate"),
        *("trace_code", "note", "coded_units"),
    )
    writer.write("lot", columns, rows())
    each = sizes.households // COOPERATIVES

    def deliveries() -> Iterator[tuple[Any, ...]]:
        for key in range(1, sizes.deliveries + 1):
            household = _of_cooperative((key - 1) % COOPERATIVES, rng.randrange(each))
            weighed = writer.stamp(START + timedelta(seconds=key * 10))
            grams = weights[key]
            yield key, key, household, weighed, grams, 10_000, grams * 10, "paid", "collected"

    columns = ("id", "lot_id", "household_id", "weighed_at", "net_grams", "fen_per_kg")
    writer.write("delivery", (*columns, "value_fen", "payment", "certificate_source"), deliveries())


def _of_cooperative(cooperative: int, place: int) -> int:
    """A household of a cooperative (from zero) by its place there."""
    villages = COOPERATIVES * VILLAGES_EACH
    block, village = divmod(place, VILLAGES_EACH)
    household = block * villages + cooperative * VILLAGES_EACH + village
    return household or villages


def _shares(database: db.Database, sizes: Sizes) -> None:
    """Who stands behind each lot: deliveries by their household, the others carried down."""
    with database.writing() as tx:
        tx.execute(
            text(
                "INSERT INTO lot_share (lot_id, version, household_id, milligrams, value_fen,"
                " paid_fen) SELECT lot_id, 1, household_id, net_grams * 1000, value_fen, value_fen"
                " FROM delivery"
            )
        )
    if not database.is_sqlite:
        with database.writing() as tx:  # as autovacuum would have, had they come over a season
            tx.execute(text("ANALYZE lot_share"))
    key = sizes.deliveries
    for count in (sizes.processed, sizes.blends, sizes.packed):
        _carry(database, range(key + 1, key + count + 1))
        key += count


def _carry(database: db.Database, keys: range) -> None:
    """In chunks; on PostgreSQL two at a time, on SQLite by its one writer."""

    def carry(start: int) -> None:
        with database.writing() as tx:
            build_shares(tx, list(range(start, min(start + LOTS_AT_ONCE, keys.stop))))

    with ThreadPoolExecutor(1 if database.is_sqlite else 2) as workers:
        list(workers.map(carry, range(keys.start, keys.stop, LOTS_AT_ONCE)))


def _orders(writer: Writer, rng: random.Random, sizes: Sizes) -> None:
    """Two or three orders for each packed lot, each of one line."""
    first = sizes.deliveries + sizes.processed + sizes.blends + 1
    sales = [
        (lot, (lot - first) % COOPERATIVES + 1, rng.randint(5, 40))
        for lot in range(first, first + sizes.packed)
        for _again in range(rng.choice((2, 2, 3)))
    ]
    stamp = writer.stamp(START + timedelta(days=60))
    writer.write(
        "purchase",
        (
            *("id", "public_id", "number", "reference", "kind", "state", "terms", "union_id"),
            *("buyer_id", "total_fen", "recipient", "phone", "address", "note", "submitted_at"),
            "province",
        ),
        (
            (
                *(n, f"purchase_{n:012d}", f"P{n}", f"{n:09d}", "bulk", "approved", "before"),
                *(COOPERATIVES + 1, 1, 23_800 * units, "孙浩", "0796", "示范路", "", stamp, ""),
            )
            for n, (_lot, _coop, units) in enumerate(sales, start=1)
        ),
    )
    writer.write(
        "purchase_order",
        (
            *("id", "public_id", "number", "purchase_id", "cooperative_id", "state", "total_fen"),
            *("fresh", "placed_at"),
        ),
        (
            (n, f"order_{n:012d}", f"O{n}", n, coop, "shipped", 23_800 * units, False, stamp)
            for n, (_lot, coop, units) in enumerate(sales, start=1)
        ),
    )
    parts = ("households", "processing", "packing", "freight", "cooperative", "platform", "tax")
    writer.write(
        "order_line",
        (
            *("id", "order_id", "specification_id", "product_name", "specification_name", "unit"),
            *("units", "price_fen", *(f"{part}_fen" for part in parts)),
            *("list_price_fen", "discount_fen", "surcharge_fen", "tax_class", "tax_rate_bp"),
        ),
        (
            (
                *(n, n, coop, "狗牯脑绿茶", "250 克罐装", "罐", units, 23_800),
                *(14_280, 4_760, 1_666, 1_428, 1_666, 0, 0),
                *(23_800, 0, 0, "exempt", 0),
            )
            for n, (_lot, coop, units) in enumerate(sales, start=1)
        ),
    )
    columns = ("id", "public_id", "line_id", "lot_id", "units", "shipped_units", "accepted_units")
    writer.write(
        "allocation",
        (*columns, "cancelled_units", "short_units", "damaged_units", "returned_units"),
        (
            (n, f"alloc_{secrets.token_hex(6)}{n}", n, lot, units, units, units, 0, 0, 0, 0)
            for n, (lot, _coop, units) in enumerate(sales, start=1)
        ),
    )


def write_events(database: db.Database, count: int) -> None:
    """So many events of weigh-ins, unsealed."""
    writer = Writer(database)
    columns = ("public_id", "kind", "thing", "organisation_id", "at", "recorded_at", "facts")
    stamp = writer.stamp(START)

    def rows() -> Iterator[tuple[Any, ...]]:
        for number in range(count):
            facts = f'{{"id":"event_{number:016d}","kind":"delivery","facts":{{"grams":20000}}}}'
            salt = number.to_bytes(16, "big")
            digest = digest_of(salt, facts)
            thing = f"lot_{number:016d}"
            yield f"event_{number:016d}", "delivery", thing, 1, stamp, stamp, facts, salt, digest

    writer.write("event", (*columns, "salt", "digest"), rows())
