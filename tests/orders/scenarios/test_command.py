"""The scenario command, from outside: what goes in, what comes out, and what is refused where.

Every story told here is audited besides, and its two sides balance.
"""

from __future__ import annotations

import copy
import json
import os
import re
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from orders.scenarios.reading import Refused
from orders.scenarios.rules import read_scenario
from shop import tables
from shop.core import db
from shop.core.db import ROOT
from tests.auditor import Auditor, balance_sheet
from tests.orders.scenarios.telling import possible, two_orders, whole_stories

SPLIT = {
    "households": 600,
    "processing": 100,
    "packing": 50,
    "freight": 100,
    "cooperative": 100,
    "platform": 20,
    "tax": 30,
}


def story(*events, **changes):
    """Two households bring 10 kg each at 10.00, one is paid; 20 boxes at 10.00; then events."""
    made = {
        "deliveries": [
            {"id": "da", "household": "a", "grams": 10_000, "fen_per_kg": 1000, "paid": True},
            {"id": "db", "household": "b", "grams": 10_000, "fen_per_kg": 1000, "paid": False},
        ],
        "lots": [
            {
                "id": "lot",
                "inputs": [{"from": "da", "grams": 10_000}, {"from": "db", "grams": 10_000}],
                "grams": 20_000,
                "units": 20,
            }
        ],
        "price_fen": 1000,
        "composition": SPLIT,
        "events": list(events),
    }
    return copy.deepcopy(made | changes)


def order(units, name="o", lot="lot"):
    return {"do": "order", "id": name, "lot": lot, "units": units}


def pay(fen, name="o"):
    return {"do": "pay", "order": name, "fen": fen}


def accept(units, name="o"):
    return {"do": "accept", "order": name, "units": units}


def short(units, name="o"):
    return {"do": "short", "order": name, "units": units}


def send_back(units, name="o"):
    return {"do": "return", "order": name, "units": units}


def result(household, ok):
    return {"do": "payout_result", "household": household, "ok": ok}


SETTLE, PAYOUT = {"do": "settle"}, {"do": "payout"}


@pytest.fixture
def run(shared_app):
    """The command on the content of standard input: exit code, output, errors."""

    def command(content):
        text = content if isinstance(content, bytes) else json.dumps(content).encode()
        told = shared_app.test_cli_runner().invoke(args=["scenario", "-"], input=text)
        return told.exit_code, told.stdout, told.stderr

    return command


@pytest.fixture
def ending(run):
    """How a story ends; it must be what the auditor says, and balance."""

    def ended(told):
        code, out, err = run(told)
        assert (code, err) == (0, "")
        figures = json.loads(out)
        audit = Auditor(told)
        for event in told["events"]:
            audit.happen(event)
        assert figures == audit.figures()
        assets, owed = balance_sheet(figures)
        assert assets == owed
        return figures

    return ended


def household(figures, name):
    return tuple(figures["households"][name].values())


# --- figures ----------------------------------------------------------------------------------


def test_the_worked_example_ends_as_the_document_says(ending):
    figures = ending(json.loads((ROOT / "docs/scenarios/worked-example.json").read_text()))

    # 8,454.00 less the two refunds, which leave at once in a scenario.
    assert figures["custody_fen"] == 845_400 - 47_600 - 71_400
    assert figures["refunded_fen"] == 47_600 + 71_400
    assert figures["cooperative_fen"] == 712_120
    assert figures["due_from_cooperative_fen"] == 42_840
    assert figures["carrier_fen"] == 57_120
    # attributed, leaf paid, second payment, payable, in transit, paid out
    assert household(figures, "Zhang") == (411_175, 240_000, 6_705, 0, 0, 26_708)
    assert household(figures, "Li") == (303_242, 177_000, 4_945, 0, 0, 19_697)
    assert household(figures, "Huang") == (166_183, 0, 99_710, 0, 0, 107_795)


def test_the_example_of_the_document_ends_as_it_says(ending):
    text = (ROOT / "docs/money.md").read_text().partition("\n## Scenario files\n")[2]
    told, ended = (json.loads(block) for block in re.findall(r"```json\n(.+?)```", text, re.DOTALL))

    assert ending(told) == ended


def test_values_are_rounded_once_and_carried_in_the_order_of_the_file(ending):
    told = story(order(3, lot="one"), pay(3000), accept(3), SETTLE)
    told["deliveries"] = [
        # 12,497.5 fen, half up; and 8.991, once for each delivery and not for both together
        {"id": "x", "household": "a", "grams": 1250, "fen_per_kg": 9998, "paid": True},
        {"id": "y", "household": "b", "grams": 999, "fen_per_kg": 9, "paid": True},
        {"id": "z", "household": "b", "grams": 999, "fen_per_kg": 9, "paid": True},
    ]
    told["lots"] = [
        {"id": "mix", "inputs": [{"from": n, "grams": g} for n, g in
                                 (("x", 1250), ("y", 999), ("z", 999))], "grams": 1000},
        {"id": "one", "inputs": [{"from": "mix", "grams": 333}], "grams": 333, "units": 3},
        # made of the rest and lighter than what went in: all of its value stays
        {"id": "two", "inputs": [{"from": "mix", "grams": 600}, {"from": "mix", "grams": 67}],
         "grams": 500, "units": 7},
    ]  # fmt: skip

    figures = ending(told)

    # 12,498 and 18 altogether, of which 333/1000 rounded down went first: 4,161 and 5
    assert figures["households"]["a"]["leaf_paid_fen"] == 12_498
    assert figures["households"]["b"]["leaf_paid_fen"] == 18
    assert figures["households"]["a"]["attributed_fen"] == 2996  # 3000 × 4161 ÷ 4166 = 2996.4
    assert figures["households"]["b"]["attributed_fen"] == 4
    assert figures["lots"] == {
        "mix": {"pool_fen": 0}, "one": {"pool_fen": 0}, "two": {"pool_fen": 0}
    }  # fmt: skip


def test_ties_go_by_the_names_of_the_file_byte_by_byte(ending):
    names = ["b", "é", "Z", "a"]
    told = story(order(2), pay(2000), accept(2), SETTLE)
    told["composition"] = SPLIT | {"households": 599, "cooperative": 101}
    told["deliveries"] = [
        {"id": name, "household": name, "grams": 1000, "fen_per_kg": 1000, "paid": False}
        for name in names
    ]
    told["lots"][0] |= {
        "inputs": [{"from": name, "grams": 1000} for name in names], "grams": 4000
    }  # fmt: skip

    figures = ending(told)

    # 1198 = 4 × 299 + 2: Z and a stand first
    assert [figures["households"][name]["payable_fen"] for name in ("Z", "a", "b", "é")] == [
        300, 300, 299, 299
    ]  # fmt: skip
    assert list(figures["households"]) == ["Z", "a", "b", "é"]


def test_money_clears_the_oldest_acceptance_and_only_what_is_clear_counts(ending):
    told = story(
        order(10),
        pay(1500),
        accept(2),
        accept(3),
        accept(1),
        pay(3000),
        order(4, "p"),
        pay(700, "p"),
    )

    figures = ending(told | {"events": [*told["events"], SETTLE]})

    # o: 1500 covers 1500 of 2000; 3000 clears 500 and 2500 of 3000. p waits for goods.
    assert figures["custody_fen"] == 5200
    assert figures["receivable_fen"] == 500 + 1000
    assert figures["escrow_fen"] == 700
    assert figures["lots"]["lot"]["pool_fen"] == 4 * 600  # six accepted, two count
    # a had its leaf paid: its half is set off; b's half is its second payment
    assert household(figures, "a") == (1000, 10_000, 0, 0, 0, 0)
    assert household(figures, "b") == (1000, 0, 600, 600, 0, 0)
    assert figures["cooperative_fen"] == 6 * 280 + 600
    assert (figures["carrier_fen"], figures["platform_fen"]) == (600, 120)


def test_short_units_are_refunded_as_far_as_they_were_paid_and_sell_again(ending):
    unpaid = story(order(20), short(5), order(5, "p"))
    assert ending(unpaid)["refunded_fen"] == 0

    figures = ending(story(order(20), pay(18_000), short(1), short(4), order(5, "p"), accept(15)))

    assert figures["refunded_fen"] == 18_000 - 15_000
    assert figures["custody_fen"] == 15_000
    assert figures["receivable_fen"] == figures["escrow_fen"] == 0


def test_a_return_credits_what_is_owed_before_it_refunds(ending):
    told = story(order(10), pay(4500), accept(4), accept(6), send_back(3), SETTLE)

    figures = ending(told)

    # 5500 is owed for the second acceptance, which pays for the three units: nothing is refunded.
    assert figures["refunded_fen"] == 0
    assert figures["receivable_fen"] == 2500
    assert figures["households"]["b"]["payable_fen"] == 4 * 300

    figures = ending(told | {"events": [*told["events"], send_back(4), SETTLE]})

    # The debt pays for two and a half more; half a box and another one are refunded.
    assert figures["receivable_fen"] == 0
    assert figures["refunded_fen"] == 1500
    assert figures["households"]["b"]["attributed_fen"] == 1500


def test_the_cooperative_bears_freight_and_owes_what_it_cannot_cover(ending):
    split = dict.fromkeys(SPLIT, 0) | {"households": 300, "freight": 700}
    told = story(order(2), accept(2), pay(2000), SETTLE, send_back(1), composition=split)

    figures = ending(told)

    # Set off for a: 300. Freight of 700 comes back out of it, and 400 are due.
    assert figures["cooperative_fen"] == 0
    assert figures["due_from_cooperative_fen"] == 400
    assert figures["carrier_fen"] == 1400
    assert figures["lots"]["lot"]["pool_fen"] == -300


def test_returned_units_do_not_sell_again(run):
    told = story(order(20), accept(20), send_back(1), order(1, "p"))

    assert run(told) == (
        2, "", "refused: events[3].units: only 0 are left of 'lot', not 1\n"
    )  # fmt: skip


def test_payouts_without_an_answer_stay_on_their_way_and_failed_ones_are_paid_again(ending):
    events = [order(20), pay(20_000), accept(5), SETTLE, PAYOUT, accept(5), SETTLE, SETTLE, PAYOUT]

    figures = ending(story(*events))
    assert household(figures, "b") == (5000, 0, 3000, 1500, 1500, 0)

    figures = ending(story(*events, result("b", False)))
    assert household(figures, "b") == (5000, 0, 3000, 3000, 0, 0)

    figures = ending(story(*events, result("b", False), PAYOUT, result("b", True)))
    assert household(figures, "b") == (5000, 0, 3000, 0, 0, 3000)
    assert figures["custody_fen"] == 17_000


def test_what_falls_after_a_payout_is_due_from_the_cooperative_and_recovered_later(ending):
    events = [order(10), pay(10_000), accept(10), SETTLE, PAYOUT, result("b", True)]
    events += [send_back(10), SETTLE]

    figures = ending(story(*events))

    assert household(figures, "b") == (0, 0, 0, 0, 0, 3000)
    # Everything was refunded although 3000 had gone on to b: the cooperative owes them, and the
    # freight of 1000 that its own part could not cover.
    assert figures["custody_fen"] == -3000
    assert figures["due_from_cooperative_fen"] == 4000
    assert figures["cooperative_fen"] == 0
    assert figures["check_books"] == "ok"

    again = [order(5, "p"), pay(5000, "p"), accept(5, "p"), SETTLE]
    figures = ending(story(*events, *again))
    assert household(figures, "b") == (2500, 0, 1500, 0, 0, 3000)
    assert figures["due_from_cooperative_fen"] == 2500


TWO_LOTS = [
    {
        "id": name,
        "inputs": [{"from": "da", "grams": 5000}, {"from": "db", "grams": 5000}],
        "grams": 10_000,
        "units": 10,
    }
    for name in ("one", "two")
]


def sold(units, name, lot):
    return [order(units, name, lot), pay(units * 1000, name), accept(units, name)]


@pytest.mark.parametrize(("falls", "rises"), [("one", "two"), ("two", "one")])
def test_a_lot_that_falls_draws_on_what_the_same_run_brings(ending, falls, rises):
    events = [*sold(4, "f", falls), SETTLE, PAYOUT, result("b", True), send_back(4, "f")]

    figures = ending(story(*events, *sold(4, "r", rises), SETTLE, lots=TWO_LOTS))

    # b has 1200 of the lot that falls, all of it paid out, and 1200 come from the other one.
    assert household(figures, "b") == (2000, 0, 1200, 0, 0, 1200)
    assert figures["due_from_cooperative_fen"] == 0


@pytest.mark.parametrize(("falls", "recovers"), [("one", "two"), ("two", "one")])
def test_a_lot_that_falls_may_draw_on_one_that_recovers(ending, falls, recovers):
    events = [*sold(3, "x", recovers), SETTLE, PAYOUT, result("b", True), send_back(3, "x"), SETTLE]
    events += [*sold(4, "y", falls), SETTLE, PAYOUT, result("b", True), send_back(4, "y")]

    figures = ending(story(*events, *sold(7, "z", recovers), SETTLE, lots=TWO_LOTS))

    # 2100 of the lot that recovers: 900 were covered for b, 1200 are taken back for the other.
    assert household(figures, "b") == (3500, 0, 2100, 0, 0, 2100)


def test_nothing_for_households_and_any_tax_are_played_as_given(ending):
    split = dict.fromkeys(SPLIT, 0) | {"tax": 777, "platform": 223}

    figures = ending(story(order(1), pay(1000), accept(1), SETTLE, PAYOUT, composition=split))

    assert figures["cooperative_fen"] == 777
    assert figures["platform_fen"] == 223
    assert household(figures, "a") == (500, 10_000, 0, 0, 0, 0)
    assert ending(story(deliveries=[], lots=[]))["households"] == {}


# --- refusals ---------------------------------------------------------------------------------


def changed(path, value):
    """A story in which one thing is another; a value of None takes the field away."""
    told = story(order(4), pay(1000), accept(2), SETTLE, PAYOUT)
    *way, last = path
    thing = told
    for step in way:
        thing = thing[step]
    if value is None:
        del thing[last]
    elif isinstance(thing, list) and last == len(thing):
        thing.append(value)
    else:
        thing[last] = value
    return json.dumps(told).encode()


EVENT = ("events", 0)
LOT = ("lots", 0)
WRONG = [
    (b"", ""),
    (b"[1]", ""),
    (b"{", ""),
    (b'{"events": [], "events": []}', "events"),
    (b'{"price_fen": NaN}', ""),
    (b"\xff", ""),
    (b"[" * 100_000, ""),
    (changed(("note",), "x"), "note"),
    (changed(("lots",), None), "lots"),
    (changed(("deliveries",), {}), "deliveries"),
    (changed(("price_fen",), 1000.0), "price_fen"),
    (changed(("price_fen",), True), "price_fen"),
    (changed(("price_fen",), "1000"), "price_fen"),
    (changed(("price_fen",), 999), "composition"),
    (changed(("composition", "tax"), -1), "composition.tax"),
    (changed(("composition", "tax"), None), "composition.tax"),
    (changed(("composition", "gift"), 0), "composition.gift"),
    (changed(("deliveries", 1, "id"), "da"), "deliveries[1].id"),
    (changed(("deliveries", 1, "household"), ""), "deliveries[1].household"),
    (changed(("deliveries", 1, "household"), "\ud800"), "deliveries[1].household"),
    (changed(("deliveries", 1, "grams"), 0), "deliveries[1].grams"),
    (changed(("deliveries", 1, "fen_per_kg"), 0), "deliveries[1].fen_per_kg"),
    (changed(("deliveries", 1, "paid"), 1), "deliveries[1].paid"),
    (changed((*LOT, "id"), "da"), "lots[0].id"),
    (changed((*LOT, "units"), 0), "lots[0].units"),
    (changed((*LOT, "units"), 20_001), "lots[0].units"),
    (changed((*LOT, "grams"), 20_001), "lots[0].grams"),
    (changed((*LOT, "inputs"), []), "lots[0].inputs"),
    (changed((*LOT, "inputs", 1, "from"), "lot"), "lots[0].inputs[1].from"),
    (changed((*LOT, "inputs", 1, "grams"), 10_001), "lots[0].inputs[1].grams"),
    (changed((*LOT, "inputs", 2), {"from": "da", "grams": 1}), "lots[0].inputs[2].grams"),
    (changed(("lots", 1), {"id": "x", "inputs": [{"from": "lot", "grams": 1}], "grams": 1}),
     "lots[1].inputs[0].from"),
    (json.dumps(story(
        price_fen=10**12,
        composition=SPLIT | {"tax": 10**12 - 970},
        deliveries=[{"id": name, "household": "a", "grams": 10_000, "fen_per_kg": 10**6,
                     "paid": True} for name in ("da", "db")],
    )).encode(), "lots[0].units"),
    (changed((*EVENT, "do"), "give"), "events[0].do"),
    (changed((*EVENT, "do"), None), "events[0].do"),
    (changed(EVENT, "order"), "events[0]"),
    (changed((*EVENT, "note"), ""), "events[0].note"),
    (changed((*EVENT, "units"), None), "events[0].units"),
    (changed((*EVENT, "units"), 21), "events[0].units"),
    (changed((*EVENT, "lot"), "none"), "events[0].lot"),
    (changed(("events", 5), order(1)), "events[5].id"),
    (changed(("events", 5), pay(1, "none")), "events[5].order"),
    (changed(("events", 5), pay(0)), "events[5].fen"),
    (changed(("events", 5), accept(3)), "events[5].units"),
    (changed(("events", 5), short(3)), "events[5].units"),
    (changed(("events", 5), send_back(3)), "events[5].units"),
    (changed(("events", 5), result("c", True)), "events[5].household"),
    (changed(("events", 5), result("a", 1)), "events[5].ok"),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(WRONG)))
def test_what_cannot_be_is_refused_with_its_place(number):
    content, place = WRONG[number]

    with pytest.raises(Refused) as refused:
        read_scenario(content)

    assert refused.value.place == place
    assert refused.value.reason


def test_what_only_money_can_tell_is_refused_while_it_is_played(run):
    assert run(changed(("events", 5), pay(3001))) == (
        2, "", "refused: events[5].fen: only 3000 fen are open, not 3001\n"
    )  # fmt: skip
    assert run(changed(("events", 5), result("b", True))) == (
        2, "", "refused: events[5].household: nothing is on its way to 'b'\n"
    )  # fmt: skip
    code, out, err = run(
        story(
            deliveries=[
                {"id": "d", "household": "a", "grams": 999, "fen_per_kg": 1, "paid": False}
            ],
            lots=[{"id": "l", "inputs": [{"from": "d", "grams": 9}], "grams": 9, "units": 1}],
        )
    )
    assert (code, out) == (2, "")
    assert err.startswith("refused: lots[0]: nothing_behind: So little was taken that no household")


# --- around it --------------------------------------------------------------------------------


def test_the_shops_own_database_is_never_touched(tmp_path):
    """As an auditor calls it: no settings, and a database nobody could open."""
    file = tmp_path / "story.json"
    file.write_text(json.dumps(story(order(1), accept(1))))
    clean = {key: value for key, value in os.environ.items() if not key.startswith("SHOP_")}

    told = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "scenario", str(file)],
        cwd=ROOT,
        env=clean | {"DATABASE_URL": f"nosuch://{tmp_path}/shop.db"},
        capture_output=True,
        text=True,
    )

    assert told.stderr == ""
    assert json.loads(told.stdout)["receivable_fen"] == 1000
    assert [path.name for path in tmp_path.iterdir()] == ["story.json"]


def test_tables_in_memory_are_those_that_are_migrated(tmp_path):
    def everything(url, make):
        opened = db.Database(url)
        make(opened)
        with opened.engine.connect() as connection:
            rows = connection.exec_driver_sql(
                "SELECT type, name, tbl_name FROM sqlite_master WHERE tbl_name <> 'alembic_version'"
            ).all()
        opened.close()
        return sorted(rows)

    migrated = everything(f"sqlite:///{tmp_path}/a.db", lambda opened: db.migrate(opened.url))

    assert everything("sqlite:///:memory:", lambda o: tables.create(o.engine)) == migrated


FEW = settings(
    max_examples=max(4, int(os.environ.get("STORIES", "0")) // 4),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@FEW
@given(told=whole_stories())
def test_the_command_says_of_any_story_what_the_auditor_says(ending, told):
    ending(told)


@settings(parent=FEW, max_examples=60)
@given(data=st.data(), told=whole_stories(longest=12))
def test_one_unit_more_than_there_is_is_refused_at_its_event(data, told):
    audit = Auditor(told)
    for event in told["events"]:
        audit.happen(event)
    events = [e for some in possible(audit, 99).values() for e in some if "units" in e]
    assume(events)
    last = data.draw(st.sampled_from(events))
    told["events"].append(last | {"units": last["units"] + 1})

    with pytest.raises(Refused) as refused:
        read_scenario(json.dumps(told).encode())

    assert refused.value.place == f"events[{len(told['events']) - 1}].units"


def same_in_both(one, other):
    """What two lawful orders of the same events agree in, as the auditor has it."""
    audits = [Auditor(told) for told in (one, other)]
    for audit, told in zip(audits, (one, other), strict=True):
        for event in told["events"]:
            audit.happen(event)
    figures = [audit.figures() for audit in audits]
    assert audits[0].set_off() == audits[1].set_off()
    assert figures[0]["lots"] == figures[1]["lots"]
    for name, had in figures[0]["households"].items():
        for figure in ("attributed_fen", "leaf_paid_fen", "second_payment_fen"):
            assert had[figure] == figures[1]["households"][name][figure]


@settings(parent=FEW, max_examples=max(80, int(os.environ.get("STORIES", "0"))))
@given(told=two_orders())
def test_two_lawful_orders_of_the_same_events_end_in_the_same_shares(told):
    same_in_both(*told)


@settings(parent=FEW, max_examples=max(2, int(os.environ.get("STORIES", "0")) // 8))
@given(told=two_orders())
def test_and_so_they_do_in_the_shop(ending, told):
    for one in told:
        ending(one)
    same_in_both(*told)
