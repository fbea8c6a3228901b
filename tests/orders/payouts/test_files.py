"""The bank's files: every layout reads back what it wrote, and nothing altered is handed out."""

from __future__ import annotations

import dataclasses
import io
import json

import pytest
import pyzipper
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from orders.payments.formats.sheets import FileRefused, Problem
from orders.payouts import drafting, files
from orders.payouts.answers import read_results
from orders.payouts.commands import ChangedSinceApproval, export_batch, take_archive, take_file
from orders.payouts.files import PhraseMissing, renew_phrase
from orders.payouts.layouts import BANKS as BANKS_FOLDER
from orders.payouts.layouts import (
    NEUTRAL,
    BankRow,
    LayoutWrong,
    clean,
    defused,
    layouts,
    parts,
    read_layout,
    read_payout,
    write_payout,
)
from orders.payouts.models import PayoutBatch, PayoutFile, PayoutItem
from orders.payouts.rules import is_large, six_medians
from orders.payouts.samples import sample_of
from orders.payouts.states import BatchState, Outcome
from shop.core import db
from shop.core.audit import AuditEntry
from shop.core.errors import NotAllowed, NotFound, WrongState
from shop.core.money import total, yuan
from shop.core.vault import vault
from shop.organisations.models import PayeeAccount
from tests.orders.payouts.stories import (
    approved,
    batch_state,
    books_are_right,
    earn,
    exported,
    items,
)

BANKS = sorted(layouts())
ODD = ["㙍家", "𬴊儿", "䶮", "阿·依", "=1+1", "+86", "-2", "@SUM(A1)", "\t=1", "\0=1", "  =cmd|x"]
ODD += ["'=x", "''", "他说“好”", 'a"b,c', "甲|乙", "一\r\n二", "'", " '-"]

words = st.one_of(st.sampled_from(ODD), st.text(max_size=20)).map(clean)
rows = st.builds(
    BankRow,
    position=st.just(1),
    number=st.from_regex("[0-9]{8,32}", fullmatch=True),
    holder=words,
    bank=words,
    cnaps=st.sampled_from(["", "104428000011"]),
    fen=st.integers(1, 10**12),
    purpose=words,
    reference=st.sampled_from(["AFQ4JQ5XE", "C0X3QFJTG"]),
)


@pytest.mark.parametrize("code", BANKS)
@given(st.lists(rows, min_size=1, max_size=8))
def test_every_written_file_reads_back(code, made):
    layout = layouts()[code].payout
    told = [row._replace(position=place) for place, row in enumerate(made, start=1)]

    content = write_payout(layout, told)

    assert content == write_payout(layout, list(told))
    carried = {column.of for column in layout.columns} & set(BankRow._fields)
    back = read_payout(layout, content)
    assert len(back) == len(told)
    for sent, got in zip(told, back, strict=True):
        assert {name: getattr(got, name) for name in carried} == {
            name: getattr(sent, name) for name in carried
        }


@pytest.mark.parametrize("evil", ODD)
def test_no_cell_runs_as_a_formula(evil):
    assert defused(clean(evil)).lstrip()[:1] not in ("=", "+", "-", "@")
    assert not set(clean(evil)) & set("\r\n\t\0|")


def test_plain_words_stay_as_they_are():
    assert defused("张桂兰") == "张桂兰"
    assert clean("张桂兰") == "张桂兰"


@given(st.integers(1, 400), st.integers(1, 90))
def test_parts_hold_every_row_once_and_no_more_than_the_limit(count, limit):
    layout = dataclasses.replace(layouts()[NEUTRAL].payout, row_limit=limit)

    made = parts(layout, count)

    assert [place for part in made for place in part] == list(range(1, count + 1))
    assert all(0 < len(part) <= limit for part in made)


@pytest.mark.parametrize("code", BANKS)
def test_a_sample_and_its_answer_read_back(code):
    layout = layouts()[code]

    sample = sample_of(layout)

    assert sample.same
    read = read_results(layout.result, sample.answer.encode(layout.result.encodings[0]))
    assert {line.outcome for line in read} == set(Outcome)
    (last,) = [line for line in read if line.outcome is Outcome.REFUSED]
    assert last.reason == "账号户名不符"


def test_a_word_the_bank_does_not_use_is_refused_with_its_line():
    result = layouts()["hongdu"].result

    with pytest.raises(FileRefused) as refused:
        read_results(result, b"AFQ4JQ5XE|X||2026-04-20 16:30:00\r\nAFQ4JQ5XE|S|\r\n")
    assert [(fault.line, fault.problem) for fault in refused.value.faults] == [(2, Problem.CELLS)]
    with pytest.raises(FileRefused) as refused:
        read_results(result, b"AFQ4JQ5XE|X||2026-04-20 16:30:00\r\n")
    assert [(fault.line, fault.problem) for fault in refused.value.faults] == [(1, Problem.OUTCOME)]
    with pytest.raises(FileRefused):
        read_results(layouts()["songyue"].result, b"\xff\xfe\x00")


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("columns", [["账号", "number"]]),
        ("columns", [["甲", "number"], ["乙", "holder"], ["丙", "fen"], ["丁", "cheque"]]),
        ("encoding", "big5"),
        ("row_limit", 0),
        ("quoted", False),
    ],
)
def test_a_layout_that_cannot_be_is_refused(place, value):
    facts = json.loads((BANKS_FOLDER / "neutral.json").read_text("utf-8"))
    facts["payout"][place] = value

    with pytest.raises(LayoutWrong):
        read_layout("new", json.dumps(facts))


def test_large_is_over_three_times_the_median_and_never_under_fifty_yuan():
    six = six_medians([10_000, 10_000, 30_001])

    assert not is_large(30_000, six)
    assert is_large(30_001, six)
    assert not is_large(500, six_medians([500]))
    assert not is_large(4_999, six_medians([20, 20, 4_999]))
    assert is_large(5_000, six_medians([20, 20, 5_000]))


def test_a_batch_becomes_as_many_files_as_the_bank_takes(world, monkeypatch):
    earn(world)
    batch = approved(world)
    few = layouts()["songyue"]
    few = dataclasses.replace(few, payout=dataclasses.replace(few.payout, row_limit=2))
    monkeypatch.setattr(files, "layouts", lambda: {"songyue": few})

    export_batch(batch_id=batch, layout="songyue", actor=world.operator, now=world.now)

    with db.database().reading() as tx:
        made = tx.execute(select(PayoutFile).order_by(PayoutFile.part)).scalars().all()
    assert [(file.part, file.first_position, file.items) for file in made] == [
        (1, 1, 2),
        (2, 3, 2),
        (3, 5, 1),
    ]
    assert total([file.total for file in made]) == yuan("2380.00")
    assert len({file.file_hash for file in made}) == len({file.file_name for file in made}) == 3
    read = []
    for file in made:
        content = take_file(batch_id=batch, part=file.part, actor=world.operator, now=world.now)
        read += read_payout(few.payout, content)
    assert [row.reference for row in read] == [item.reference for item in items(batch)]
    assert {row.purpose for row in read[:2]} == {"二次返利"}
    with pytest.raises(NotFound):
        take_file(batch_id=batch, part=4, actor=world.operator, now=world.now)
    books_are_right()


def test_a_file_leaves_only_encrypted_under_a_phrase_said_once(world):
    earn(world)
    batch = exported(world)
    with pytest.raises(PhraseMissing):
        take_archive(batch_id=batch, actor=world.operator, now=world.now)
    for who in ("treasurer", "auditor", "manager"):
        with pytest.raises(NotAllowed):
            renew_phrase(batch_id=batch, actor=world.person(who), now=world.now)
        with pytest.raises(NotAllowed):
            take_archive(batch_id=batch, actor=world.person(who), now=world.now)

    phrase = renew_phrase(batch_id=batch, actor=world.operator, now=world.now)
    archive = take_archive(batch_id=batch, actor=world.operator, now=world.now)

    plain = take_file(batch_id=batch, actor=world.operator, now=world.now)
    with pyzipper.AESZipFile(io.BytesIO(archive.content)) as opened:
        (entry,) = opened.infolist()
        assert entry.wz_aes_strength == 3
        opened.setpassword(phrase.encode())
        assert opened.read(entry) == plain
        opened.setpassword(b"another")
        with pytest.raises(RuntimeError):
            opened.read(entry)
    assert b"6222021502" not in archive.content
    with db.database().reading() as tx:
        sealed = tx.execute(select(PayoutBatch.phrase_sealed)).scalar_one()
        told = list(tx.execute(select(AuditEntry.facts)).scalars())
    assert phrase not in sealed
    assert all(phrase not in facts for facts in told)
    renewed = renew_phrase(batch_id=batch, actor=world.operator, now=world.now)
    assert renewed != phrase


def test_nothing_is_fetched_before_export(world):
    earn(world)
    batch = approved(world)

    with pytest.raises(WrongState):
        renew_phrase(batch_id=batch, actor=world.operator, now=world.now)
    with pytest.raises(WrongState):
        take_archive(batch_id=batch, actor=world.operator, now=world.now)
    with pytest.raises(NotFound):
        export_batch(batch_id=batch, layout="nobody", actor=world.operator, now=world.now)

    assert batch_state(batch) is BatchState.APPROVED


# --- P6: a payout file altered after approval cannot be downloaded ----------------------------


def _item(**values):
    return update(PayoutItem).where(PayoutItem.position == 1).values(**values)


def _rehashed(tx):
    """As clever as one with the whole database can be: rows and both stored hashes agree."""
    batch = tx.execute(select(PayoutBatch)).scalar_one()
    tx.execute(_item(amount=yuan("1.00")))
    batch.seen_hash = drafting.hash_of(tx, batch)
    layout = layouts()[NEUTRAL].payout
    content = write_payout(layout, drafting.bank_rows(tx, batch, layout))
    tx.execute(update(PayoutFile).values(file_hash=files.file_hash(content)))
    facts = json.dumps({"seen_hash": batch.seen_hash})
    earlier = tx.execute(select(AuditEntry).where(AuditEntry.action == "approve")).scalars().first()
    line = {c.name: getattr(earlier, c.name) for c in AuditEntry.__table__.c if c.name != "id"}
    tx.execute(insert(AuditEntry).values(line | {"facts": facts}))


def _swapped_number(tx):
    """The account row itself gets another number, properly sealed."""
    account = tx.execute(
        select(PayeeAccount)
        .join(PayoutItem, PayoutItem.account_id == PayeeAccount.id)
        .where(PayoutItem.position == 1)
    ).scalar_one()
    place = f"payee_account.number:{account.public_id}"
    account.number_sealed = vault().seal("6222000000000000000", place=place)


TAMPERING = {
    "amount": _item(amount=yuan("1.00")),
    "holder": _item(holder="别人"),
    "account": _item(account_id=text("(SELECT max(id) FROM payee_account)")),
    "digest": _item(number_digest="0" * 64),
    "reference": _item(reference="000000000"),
    "purpose": _item(purpose="别的"),
    "last four": _item(number_last4="0000"),
    "order": _item(position=99),
    "seen hash": update(PayoutBatch).values(seen_hash="f" * 64),
    "file hash": update(PayoutFile).values(file_hash="f" * 64),
    "file rows": update(PayoutFile).values(items=1),
    "layout": update(PayoutBatch).values(layout="hongdu"),
    "number": _swapped_number,
    "everything but the log": _rehashed,
}


def test_a_payout_file_altered_after_approval_cannot_be_downloaded(world):
    earn(world)
    batch = exported(world)
    renew_phrase(batch_id=batch, actor=world.operator, now=world.now)
    right = take_file(batch_id=batch, actor=world.operator, now=world.now)

    for what, tamper in TAMPERING.items():
        for take in (take_archive, take_file):
            tx = Session(db.database().engine)
            tamper(tx) if callable(tamper) else tx.execute(tamper)
            tx.flush()
            tx.expire_all()
            noticed = False
            try:
                take.function(tx, batch_id=batch, part=1, actor=world.operator, now=world.now)
            except ChangedSinceApproval:
                noticed = True
            tx.rollback()
            tx.close()
            assert noticed, what

    assert take_file(batch_id=batch, actor=world.operator, now=world.now) == right
