"""Codes of units and boxes: made, given to lots, boxed, and what is refused."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from products.catalogue.gtin import box_gtin, gtin_of, unit_gtin
from products.catalogue.models import Specification
from products.lots.models import Lot
from products.traceability import boxes, code_commands, code_jobs, code_queries, minting
from products.traceability.code_proofs import root_over
from products.traceability.finding import find
from products.traceability.models import Box, Code, CodeAllocation, CodeBatch, ExternalCode
from products.traceability.spelling import ALPHABET
from products.traceability.states import Verdict
from shop.core import audit, db
from shop.core.errors import NotAllowed, NotFound, ReasonMissing
from shop.core.events import Event
from shop.jobs import queue
from shop.jobs.models import Job, JobState
from tests.products.coded import (
    BOX,
    UNIT,
    allocations,
    codes_of,
    make_codes,
    make_stock,
    rows,
    run_jobs,
)
from tests.world import World


def tins(world: World, units: int = 20) -> str:
    return world.tins(units)


def lot_row(lot_id: str) -> Lot:
    with db.database().reading() as tx:
        return tx.execute(select(Lot).where(Lot.public_id == lot_id)).scalar_one()


def events(kind: str) -> list[dict]:
    with db.database().reading() as tx:
        found = tx.execute(select(Event.facts).where(Event.kind == kind).order_by(Event.id))
        return [json.loads(facts) for facts in found.scalars()]


def counts() -> list[int]:
    """What a refusal may not change."""
    with db.database().reading() as tx:
        return [
            tx.execute(select(func.count()).select_from(kind)).scalar_one()
            for kind in (CodeBatch, CodeAllocation, Code, Box, ExternalCode, Job, Event,
                         audit.AuditEntry)
        ]  # fmt: skip


def found(code: str):
    with db.database().reading() as tx:
        return find(tx, code)


# --- making -------------------------------------------------------------------------------------


def test_codes_made_for_a_lot_lead_to_it(world):
    lot = tins(world)

    codes = make_codes(world, lot, 12)

    assert len(set(codes)) == 12
    assert {found(code).lot_key for code in codes} == {world.lot_key(lot)}
    assert {found(code).verdict for code in codes} == {Verdict.GENUINE}
    assert lot_row(lot).coded_units == 12


def test_only_digests_are_kept_and_the_seed_is_sealed(world):
    codes = make_codes(world, tins(world), 3)

    assert [row.digest for row in rows()] == [minting.digest_of(code) for code in codes]
    assert {len(row.digest) for row in rows()} == {16}
    with db.database().reading() as tx:
        batch = tx.execute(select(CodeBatch)).scalar_one()
    assert batch.seed_sealed.startswith("v1:")
    assert minting.opened_seed(batch).hex() not in batch.seed_sealed


def test_the_same_codes_come_again_each_time_they_are_listed(world):
    lot = tins(world)
    codes = make_codes(world, lot, 5)

    assert codes_of(world, allocations(lot)[0].public_id) == codes


def test_listing_codes_is_written_into_the_audit_log(world):
    lot = tins(world)
    make_codes(world, lot, 5)

    with db.database().reading() as tx:
        acts = tx.execute(
            select(audit.AuditEntry).where(audit.AuditEntry.action == "list_codes")
        ).scalars()
        assert [(act.actor_name, json.loads(act.facts)["count"]) for act in acts] == [("刘青山", 5)]


def test_a_code_that_there_is_already_is_made_anew(world, monkeypatch):
    lot = tins(world)
    first = make_codes(world, lot, 3)
    usual = minting._number
    taken = {}

    def again(seed, serial, attempt):
        number = usual(seed, serial, attempt)
        if attempt == 0 and serial == 2:  # as if chance had struck
            return taken["number"]
        return number

    taken["number"] = sum(ALPHABET.index(c) << 5 * n for n, c in enumerate(first[0][:10]))
    monkeypatch.setattr(minting, "_number", again)

    second = make_codes(world, lot, 3)

    assert len(set(first + second)) == 6
    assert len(rows()) == 6


def test_a_lot_says_by_an_event_which_codes_it_got(world):
    lot = tins(world)
    make_codes(world, lot, 7)

    (event,) = events("labelled")

    allocation = allocations(lot)[0]
    facts = event["facts"]
    assert event["thing"] == lot
    assert set(facts) == {
        "lot", "cooperative", "allocation", "batch", "kind", "count", "codes_root"
    }  # fmt: skip
    assert (facts["kind"], facts["count"], facts["cooperative"]) == ("unit", 7, "TH")
    assert facts["codes_root"] == root_over([row.digest for row in rows()]).hex()
    assert allocation.codes_root is not None
    assert allocation.codes_root.hex() == facts["codes_root"]


def test_a_worker_that_dies_loses_and_repeats_nothing(world, monkeypatch):
    monkeypatch.setattr(code_jobs, "CHUNK", 4)
    lot = tins(world)
    code_commands.make_codes_for_lot(
        lot_id=lot, kind=UNIT, count=10, actor=world.manager, now=world.now
    )

    queue.run_waiting(lambda: world.now, limit=1)  # one step, then the worker is gone
    assert len(rows()) == 4
    assert allocations(lot)[0].done == 4
    assert queue.run_waiting(lambda: world.now) == 0, "its lease still stands"

    queue.run_waiting(lambda: world.now + timedelta(minutes=5))

    assert [row.serial for row in rows()] == list(range(1, 11))
    assert len(events("labelled")) == 1
    with db.database().reading() as tx:
        assert tx.execute(select(Job.state)).scalar_one() is JobState.DONE


def test_pressing_twice_makes_codes_once(client, world):
    lot = tins(world)
    client.as_(world.manager)
    form = {"once": "one-key", "kind": "unit", "count": "6"}

    first = client.post(f"/cooperative/codes/of/{lot}/codes", data=form)
    again = client.post(f"/cooperative/codes/of/{lot}/codes", data=form)
    run_jobs(world)

    assert first.headers["Location"] == again.headers["Location"]
    assert first.headers["Location"].startswith("/jobs/job_")
    assert len(rows()) == 6


@pytest.mark.parametrize("count", [0, -1, 200_001])
def test_a_run_of_codes_has_its_limits(world, count):
    before = counts()

    with pytest.raises(code_commands.TooManyCodes):
        code_commands.make_codes(
            cooperative_id=world.organisation("TH"),
            kind=UNIT,
            count=count,
            actor=world.manager,
            now=world.now,
        )

    assert counts() == before


def test_a_lot_has_no_more_codes_than_units(world):
    lot = tins(world)
    make_codes(world, lot, 15)
    make_codes(world, lot, 20, BOX)
    before = counts()

    for kind, count in ((UNIT, 6), (BOX, 1)):
        with pytest.raises(code_commands.MoreCodesThanUnits):
            code_commands.make_codes_for_lot(
                lot_id=lot, kind=kind, count=count, actor=world.manager, now=world.now
            )

    assert counts() == before
    make_codes(world, lot, 5)


def test_only_the_cooperative_itself_makes_codes_and_only_of_packed_lots(world):
    lot, leaf = tins(world), world.delivery("张桂兰", 10, "100")
    before = counts()

    for who, refusal in (
        (world.other_manager, NotFound),
        (world.clerk, NotFound),
        (world.weigher, NotAllowed),
        (world.operator, NotAllowed),
    ):
        with pytest.raises(refusal):
            code_commands.make_codes_for_lot(
                lot_id=lot, kind=UNIT, count=1, actor=who, now=world.now
            )
    with pytest.raises(NotFound):
        code_commands.make_codes_for_lot(
            lot_id=leaf, kind=UNIT, count=1, actor=world.manager, now=world.now
        )

    assert counts() == before


# --- giving codes of stock to a lot -------------------------------------------------------------


def give(world: World, batch: str, lot: str, first: int, count: int, **changes) -> str:
    facts = {
        "batch_id": batch,
        "lot_id": lot,
        "first_serial": first,
        "count": count,
        "actor": world.manager,
        "now": world.now,
    }
    return code_commands.allocate(**{**facts, **changes})


def test_codes_of_stock_say_that_they_are_on_no_goods_until_given(world):
    lot, batch = tins(world), make_stock(world, 10)
    with db.database().reading() as tx:
        kept = tx.execute(select(CodeBatch)).scalar_one()
    stock = [code for code, _digest in minting.minted(minting.opened_seed(kept), range(1, 11))]
    assert {found(code).verdict for code in stock} == {Verdict.NOT_YET}

    give(world, batch, lot, 3, 4)
    run_jobs(world)

    assert [found(code).verdict for code in stock] == [
        *[Verdict.NOT_YET] * 2, *[Verdict.GENUINE] * 4, *[Verdict.NOT_YET] * 4
    ]  # fmt: skip
    assert codes_of(world, allocations(lot)[0].public_id) == stock[2:6]
    assert lot_row(lot).coded_units == 4


@pytest.mark.parametrize(("first", "count"), [(1, 3), (2, 1), (3, 1), (1, 10), (4, 2), (5, 6)])
def test_a_code_is_given_to_one_lot_only(world, first, count):
    lot, other, batch = tins(world), tins(world), make_stock(world, 10)
    give(world, batch, lot, 3, 3)
    before = counts()

    if first + count <= 3:
        give(world, batch, other, first, count)
        return
    with pytest.raises(code_commands.CodesTaken):
        give(world, batch, other, first, count)

    assert counts() == before


@pytest.mark.parametrize(("first", "count"), [(0, 1), (1, 0), (10, 2), (11, 1)])
def test_a_range_lies_within_its_batch(world, first, count):
    lot, batch = tins(world), make_stock(world, 10)
    before = counts()

    with pytest.raises(code_commands.OutsideBatch):
        give(world, batch, lot, first, count)

    assert counts() == before


def test_codes_are_given_when_all_are_made_and_by_their_own_cooperative(world):
    lot, batch = tins(world), make_stock(world, 10)
    with pytest.raises(NotFound):
        give(world, "batch_none", lot, 1, 1)
    with pytest.raises(NotFound):
        give(world, batch, lot, 1, 1, actor=world.other_manager)
    with db.database().writing() as tx:
        tx.execute(update(CodeBatch).values(made=9))
    before = counts()

    with pytest.raises(code_commands.NotMadeYet):
        give(world, batch, lot, 1, 1)

    assert counts() == before


# --- what the database refuses ------------------------------------------------------------------


def refused(statement, *, error=IntegrityError) -> None:
    with pytest.raises(error), db.database().writing() as tx:
        tx.execute(statement)


def test_the_database_refuses_a_code_in_two_lots(world):
    lot, other = tins(world), tins(world)
    make_codes(world, lot, 2)
    make_codes(world, other, 2)
    first, second = allocations(lot)[0], allocations(other)[0]
    kept = rows()[0]

    refused(update(Code).values(allocation_id=second.id), error=DBAPIError)
    refused(update(Code).values(allocation_id=None, box_id=None), error=DBAPIError)
    refused(insert(Code).values(batch_id=second.batch_id, serial=9, digest=kept.digest, seen=0))
    refused(insert(Code).values(batch_id=kept.batch_id, serial=1, digest=b"x" * 16, seen=0))
    with db.database().writing() as tx:
        tx.execute(update(Code).where(Code.serial == 1).values(seen=1, first_seen_at=world.now))

    assert {row.allocation_id for row in rows()} == {first.id, second.id}


def test_the_database_refuses_more_codes_than_units(world):
    lot = tins(world)

    refused(update(Lot).where(Lot.public_id == lot).values(coded_units=21))
    refused(update(Lot).where(Lot.public_id == lot).values(coded_units=-1))


def test_the_database_refuses_boxes_in_a_circle(world):
    lot = tins(world)
    codes = make_codes(world, lot, 2, BOX)
    units = make_codes(world, lot, 2)
    for place in range(2):
        pack(world, lot, codes[place], (units[place],))
    with db.database().reading() as tx:
        first, second = tx.execute(select(Box.id).order_by(Box.id)).scalars()

    with db.database().writing() as tx:
        tx.execute(update(Box).where(Box.id == first).values(parent_id=second))
    refused(update(Box).where(Box.id == second).values(parent_id=first))
    refused(update(Box).where(Box.id == first).values(parent_id=first))


# --- taking codes out of use, external codes -----------------------------------------------------


def test_a_withdrawn_code_says_so_and_another_may_replace_it(world):
    lot = tins(world)
    codes = make_codes(world, lot, 20)

    code_commands.withdraw_code(
        lot_id=lot, code=codes[3].lower(), reason="标签撕坏了", actor=world.manager, now=world.now
    )

    assert found(codes[3]).verdict is Verdict.WITHDRAWN
    assert codes[3] not in codes_of(world, allocations(lot)[0].public_id)
    assert lot_row(lot).coded_units == 19
    make_codes(world, lot, 1)


def test_only_a_code_of_the_lot_is_withdrawn_and_with_a_reason(world):
    lot, other = tins(world), tins(world)
    mine, foreign = make_codes(world, lot, 2), make_codes(world, other, 2)
    before = counts()

    def withdraw(code: str, reason: str = "坏了", who=world.manager) -> None:
        code_commands.withdraw_code(lot_id=lot, code=code, reason=reason, actor=who, now=world.now)

    for code in (foreign[0], "ABCD", ""):
        with pytest.raises(code_commands.NotOurCode):
            withdraw(code)
    with pytest.raises(ReasonMissing):
        withdraw(mine[0], " ")
    with pytest.raises(NotFound):
        withdraw(mine[0], who=world.other_manager)

    assert counts() == before
    withdraw(mine[0])
    with pytest.raises(code_commands.NotOurCode):
        withdraw(mine[0])


def test_an_external_code_is_found_by_a_part_of_it_and_names_one_lot(client, world):
    lot, other = tins(world), tins(world)
    facts = {"scheme": "省追溯平台", "actor": world.manager, "now": world.now}
    code_commands.add_external_code(lot_id=lot, value="JX-360827-0099", **facts)
    before = counts()

    with pytest.raises(code_commands.ExternalCodeTaken):
        code_commands.add_external_code(lot_id=other, value="JX-360827-0099 ", **facts)

    assert counts() == before
    html = client.as_(world.manager).get("/cooperative/codes/?q=0827-00").get_data(as_text=True)
    assert "JX-360827-0099" in html
    html = client.get("/cooperative/codes/?q=nothing").get_data(as_text=True)
    assert "JX-360827-0099" not in html


# --- boxes --------------------------------------------------------------------------------------


def pack(world: World, lot: str, box: str, contents: tuple[str, ...], **changes) -> str:
    facts = {"lot_id": lot, "box_code": box, "contents": contents, "actor": world.manager}
    return boxes.pack_box(**{**facts, "now": world.now, **changes})


def test_a_box_holds_what_was_scanned_into_it(world):
    lot = tins(world)
    units, (box,) = make_codes(world, lot, 6), make_codes(world, lot, 1, BOX)

    pack(world, lot, box, tuple(units[:4]))

    assert found(box).boxed_units == 4
    (event,) = events("boxing")
    assert event["facts"]["box"] == minting.digest_of(box).hex()
    assert event["facts"]["units"] == [minting.digest_of(unit).hex() for unit in units[:4]]


def test_boxes_go_into_a_larger_box(world):
    lot = tins(world)
    units, packs = make_codes(world, lot, 4), make_codes(world, lot, 3, BOX)
    pack(world, lot, packs[0], tuple(units[:2]))
    pack(world, lot, packs[1], tuple(units[2:]))

    pack(world, lot, packs[2], (packs[0], packs[1]))

    assert found(packs[2]).boxed_units == 4
    with db.database().reading() as tx:
        page = code_queries.lot_codes(tx, lot, world.manager)
    assert (page.boxes, page.boxed) == (1, 4)


def test_what_cannot_be_in_a_box_is_refused_and_changes_nothing(world):
    lot, other = tins(world), tins(world)
    units, packs = make_codes(world, lot, 6), make_codes(world, lot, 4, BOX)
    (foreign,) = make_codes(world, other, 1)
    pack(world, lot, packs[0], tuple(units[:2]))
    before = counts()

    for refusal, box, contents in (
        (boxes.NothingInBox, packs[1], ()),
        (boxes.NothingInBox, packs[1], (units[2], units[2])),
        (boxes.NothingInBox, packs[1], (packs[1],)),
        (boxes.NotBoxesNorUnits, packs[1], (units[2], packs[0])),
        (boxes.BoxedAlready, packs[1], (units[2], units[0])),
        (boxes.BoxedAlready, packs[0], (units[2],)),
        (code_commands.NotOurCode, packs[1], (foreign,)),
        (code_commands.NotOurCode, packs[1], (packs[2],)),
        (code_commands.NotOurCode, units[3], (units[2],)),
        (code_commands.NotOurCode, "nonsense", (units[2],)),
    ):
        with pytest.raises(refusal):
            pack(world, lot, box, contents)
    with pytest.raises(NotFound):
        pack(world, lot, packs[1], (units[2],), actor=world.other_manager)

    assert counts() == before


def test_a_lot_is_boxed_in_the_order_of_its_serials(world):
    lot = tins(world)
    units, packs = make_codes(world, lot, 20), make_codes(world, lot, 5, BOX)
    pack(world, lot, packs[1], (units[0],))
    code_commands.withdraw_code(
        lot_id=lot, code=units[1], reason="坏了", actor=world.manager, now=world.now
    )

    packed = boxes.box_in_order(lot_id=lot, per_box=6, actor=world.manager, now=world.now)

    assert packed == 3
    assert [found(code).boxed_units for code in packs] == [6, 1, 6, 6, 0]
    with pytest.raises(boxes.NothingToBox):
        boxes.box_in_order(lot_id=lot, per_box=6, actor=world.manager, now=world.now)


# --- GTIN ---------------------------------------------------------------------------------------


def test_a_specification_gets_its_gtin_with_the_first_lot_and_keeps_it(world):
    tins(world)
    tins(world)

    with db.database().reading() as tx:
        gtin = tx.execute(
            select(Specification.gtin).where(Specification.public_id == world.tin)
        ).scalar_one()

    assert gtin == "09520001000010"
    assert [event["facts"]["gtin"] for event in events("packed")] == [gtin, gtin]


def test_a_box_of_units_has_the_gtin_with_indicator_one(world):
    tins(world)
    with db.database().writing() as tx:
        specification = tx.execute(
            select(Specification).where(Specification.gtin.is_not(None))
        ).scalar_one()
        gtin = gtin_of(tx, specification)

    assert box_gtin(gtin) == "19520001000017"
    assert unit_gtin(box_gtin(gtin)) == gtin


def test_the_codes_trigger_is_there(database):
    statement = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if not db.database().is_sqlite:
        statement = "SELECT tgname FROM pg_trigger"
    with database.reading() as tx:
        assert "code_stays" in set(tx.execute(text(statement)).scalars())


# --- pages --------------------------------------------------------------------------------------


def test_the_pages_of_codes_are_the_managers_alone(client, world):
    lot = tins(world)
    make_codes(world, lot, 2)
    make_stock(world, 3)
    place = allocations(lot)[0].public_id

    for path in (
        "/cooperative/codes/",
        f"/cooperative/codes/of/{lot}",
        f"/cooperative/codes/allocations/{place}/labels",
    ):
        assert client.as_(world.manager).get(path).status_code == 200
        assert client.as_(world.weigher).get(path).status_code == 403
        assert client.as_(world.clerk).get(path).status_code == 403
    for path in (f"of/{lot}", f"allocations/{place}/labels"):
        assert client.as_(world.other_manager).get(f"/cooperative/codes/{path}").status_code == 404


def test_a_refusal_stands_beside_its_field_and_what_was_typed_stays(client, world):
    lot = tins(world)
    client.as_(world.manager)

    answer = client.post(f"/cooperative/codes/of/{lot}/codes", data={"kind": "unit", "count": "21"})

    assert answer.status_code == 409
    html = answer.get_data(as_text=True)
    assert "共 20 件，已有码 0 个，不能再给 21 个" in html
    assert 'value="21"' in html


def test_the_whole_way_by_the_pages(client, world):
    lot = tins(world)
    client.as_(world.manager)
    pages = f"/cooperative/codes/of/{lot}"
    client.post("/cooperative/codes/", data={"kind": "box", "count": "4"})
    client.post(f"{pages}/codes", data={"kind": "unit", "count": "12"})
    run_jobs(world)
    with db.database().reading() as tx:
        batch = tx.execute(select(CodeBatch).where(CodeBatch.kind == BOX)).scalar_one()

    given = client.post(
        f"{pages}/allocations",
        data={"batch_id": batch.public_id, "first_serial": "1", "count": "3"},
    )
    run_jobs(world)
    boxed = client.post(f"{pages}/boxing", data={"per_box": "6"})
    units = codes_of(world, allocations(lot)[0].public_id)
    box = codes_of(world, allocations(lot)[1].public_id)[2]
    wrong = client.post(
        f"{pages}/boxes", data={"box_code": box, "contents": f"https://x/t/{units[0]}\n"}
    )
    withdrawn = client.post(f"{pages}/withdrawals", data={"code": units[0], "reason": "撕坏了"})
    noted = client.post(f"{pages}/external", data={"scheme": "省平台", "value": "JX-1"})

    assert given.status_code == boxed.status_code == 303
    assert wrong.status_code == 409
    assert withdrawn.status_code == noted.status_code == 303
    html = client.get(pages).get_data(as_text=True)
    for words in ("外部码已登记", "JX-1", "共 2 箱"):
        assert words in html
    assert client.get("/jobs/" + given.headers["Location"].rsplit("/", 1)[1]).status_code == 200


def test_the_list_of_codes_for_a_printer(client, world):
    lot = tins(world)
    codes = make_codes(world, lot, 3)
    place = f"/cooperative/codes/allocations/{allocations(lot)[0].public_id}/codes.csv"

    answer = client.as_(world.manager).post(place)

    lines = answer.get_data(as_text=True).splitlines()
    assert len(lines) == 4
    assert lines[1].startswith(f"1,{codes[0][:4]}-")
    assert lines[1].endswith(f"/t/{codes[0]}")
    assert f"/01/09520001000010/10/{lot_row(lot).number}/21/{codes[0]}," in lines[1]
    assert client.as_(world.other_manager).post(place).status_code == 404
    assert client.as_(world.weigher).post(place).status_code == 403
