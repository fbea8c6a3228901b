"""The auditor's desk: the log, the books, samples and exports; households stay masked."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from orders.ledger.models import Journal
from orders.ledger.states import JournalKind
from orders.payouts.models import PayoutItem
from shop.core import db
from shop.core.audit import AuditEntry
from shop.core.errors import NotAllowed, NotFound
from shop.core.money import total, yuan
from shop.home import audit_queries, journal_queries
from shop.home.audit_queries import ActFilter
from shop.home.journal_queries import JournalFilter
from tests.world import DAY, World


@pytest.fixture
def story(world: World) -> World:
    """Tins sold, paid, accepted and settled."""
    leaf = world.delivery("黄水生", 40, "97", paid=False)
    world.packed([(world.rough([(leaf, 40_000)], 10), 10_000)], 40)
    purchase = world.approved(30)
    world.paid(purchase)
    world.accepted(purchase)
    world.settle()
    return world


def acts(world: World, page: int = 1, **wanted: object) -> audit_queries.Acts:
    with db.database().reading() as tx:
        return audit_queries.acts(tx, wanted=ActFilter(**wanted), page=page, actor=world.auditor)


def test_the_log_names_who_submitted_and_who_approved(story):
    done = [(act.who, act.action) for act in acts(story, kind="purchase").rows]

    assert ("王梅", "提交") in done
    assert ("陈立", "同意") in done


def test_filters_find_by_day_kind_organisation_and_person(story):
    everything = acts(story).total

    assert acts(story, since=DAY - timedelta(60), until=DAY).total == everything
    assert acts(story, person="陈立").total == len(acts(story, person="陈立").rows) > 0
    assert {a.organisation for a in acts(story, organisation=story.organisation("GH")).rows} == {
        "县直机关工会"
    }
    assert acts(story, person="没有这个人").total == 0


def test_pages_hold_fifty_rows_and_a_page_too_far_is_the_last(story):
    found = acts(story)

    assert found.pages == -(-found.total // audit_queries.PAGE)
    assert acts(story, page=99).page == found.pages


def test_a_household_who_acts_is_masked_and_not_found_by_name(world):
    from orders.statements.queries import actor_of
    from products.households.statement_commands import report_wrong

    key = world.household("张桂兰")
    with db.database().reading() as tx:
        zhang = actor_of(tx, key)
    report_wrong(household_id=key, words="少了一秤", actor=zhang, now=world.now)

    assert [act.who for act in acts(world, person=key).rows] == ["张**"]
    assert acts(world, person="张桂兰").total == 0


def test_only_the_auditor_reads_the_log(client, world):
    assert client.as_(world.auditor).get("/audit/").status_code == 200
    for actor in (world.clerk, world.manager, world.operator, world.stranger):
        assert client.as_(actor).get("/audit/").status_code == 403
        with db.database().reading() as tx, pytest.raises(NotAllowed):
            audit_queries.acts(tx, wanted=ActFilter(), page=1, actor=actor)


def test_the_books_are_read_by_the_platform_and_the_auditor_and_nobody_else(client, story):
    for actor in (story.auditor, story.operator, story.treasurer):
        assert client.as_(actor).get("/audit/journals").status_code == 200
    for actor in (story.clerk, story.manager, story.stranger):
        assert client.as_(actor).get("/audit/journals").status_code == 403
        with db.database().reading() as tx, pytest.raises(NotAllowed):
            journal_queries.journals(tx, wanted=JournalFilter(), page=1, actor=actor)


def test_a_journal_shows_both_sides_of_every_transfer_and_masks_households(client, story):
    with db.database().reading() as tx:
        key = tx.execute(
            select(Journal.public_id).where(Journal.kind == JournalKind.SETTLEMENT)
        ).scalar_one()

    html = client.as_(story.auditor).get(f"/audit/journals/{key}").get_data(as_text=True)

    assert "应付农户" in html
    assert "黄**" in html
    assert "黄水生" not in html


def test_from_a_journal_one_click_leads_to_who_approved(client, story):
    with db.database().reading() as tx:
        about = tx.execute(
            select(Journal.about).where(Journal.kind == JournalKind.SETTLEMENT)
        ).scalar_one()

    html = client.as_(story.auditor).get(f"/audit/things/{about}").get_data(as_text=True)

    assert "吴越" in html
    assert "郑和" in html
    assert "同意" in html


def test_what_nobody_wrote_down_is_not_found(client, world):
    client.as_(world.auditor)

    assert client.get("/audit/things/lot_0000000000000000").status_code == 404
    assert client.get("/audit/journals/journal_0000000000000000").status_code == 404
    assert client.get("/audit/acts.exe").status_code == 404


def test_a_sample_drawn_again_from_its_seed_is_the_same(story):
    def draw(seed: str) -> audit_queries.Sample:
        with db.database().reading() as tx:
            return audit_queries.sample(
                tx, wanted=ActFilter(), seed=seed, size=5, actor=story.auditor
            )

    assert draw("7f3k") == draw("7f3k")
    assert len(draw("7f3k").rows) == 5
    assert any(draw("7f3k").rows != draw(other).rows for other in ("a", "b", "c"))


def test_a_sample_without_a_seed_prints_the_one_it_got(client, story):
    page = client.as_(story.auditor).get("/audit/sample?size=3", follow_redirects=True)

    assert page.status_code == 200
    assert page.request.args["seed"] in page.get_data(as_text=True)


def test_the_exports_state_filter_count_total_and_hash_and_sum(client, story):
    client.as_(story.auditor)

    lines = list(
        csv.reader(io.StringIO(client.get("/audit/transfers.csv").data.decode("utf-8-sig")))
    )
    notes = {line[0]: line[1] for line in lines[1 : lines.index([])]}
    rows = lines[lines.index([]) + 2 :]

    assert notes["行数"] == str(len(rows))
    assert notes["合计（元）"] == str(total([yuan(row[-1]) for row in rows]))
    assert len(notes["SHA-256"]) == 64
    with db.database().reading() as tx:
        headers = journal_queries.journals(tx, wanted=JournalFilter(), page=1, actor=story.auditor)
    assert notes["合计（元）"] == str(headers.total)


def test_the_workbook_holds_the_same_rows_with_amounts_as_numbers(client, story):
    file = client.as_(story.auditor).get("/audit/transfers.xlsx?kind=settlement").data
    rows = CalamineWorkbook.from_filelike(io.BytesIO(file)).get_sheet_by_index(0).to_python()
    head = next(i for i, row in enumerate(rows) if row[0] == "凭证")

    assert all(isinstance(row[-1], float) for row in rows[head + 1 :])
    assert len(rows) > head + 1


def test_exports_of_acts_name_no_household(client, story):
    for kind in ("csv", "xlsx"):
        answer = client.as_(story.auditor).get(f"/audit/acts.{kind}")
        assert answer.status_code == 200
    assert "黄水生" not in client.get("/audit/acts.csv").data.decode("utf-8-sig")


def test_days_the_wrong_way_round_are_told_beside_the_field(client, world):
    answer = client.as_(world.auditor).get("/audit/?since=2026-05-02&until=2026-05-01")

    assert answer.status_code == 422
    assert "不能早于" in answer.get_data(as_text=True)


def test_nothing_found_says_so(client, world):
    html = client.as_(world.auditor).get("/audit/?person=nobody").get_data(as_text=True)

    assert "没有符合的记录" in html


def test_a_payment_leads_to_its_batch(story):
    from orders.payouts.commands import draft_batch
    from orders.payouts.states import PayoutKind

    batch = draft_batch(kinds=(PayoutKind.HOUSEHOLD,), actor=story.operator, now=story.now)
    with db.database().reading() as tx:
        item = tx.execute(select(PayoutItem.public_id)).scalars().first()
        assert audit_queries.related(tx, thing=item, actor=story.auditor) == [batch]


def test_a_stranger_is_told_nothing_of_a_thing(story):
    with db.database().reading() as tx:
        thing = tx.execute(select(AuditEntry.thing)).scalars().first()
        with pytest.raises((NotAllowed, NotFound)):
            audit_queries.history(tx, thing=thing, actor=story.stranger)
