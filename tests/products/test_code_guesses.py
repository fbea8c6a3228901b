"""A hundred thousand codes in one job, and a million guesses that find none of them."""

from __future__ import annotations

import random
import time

import pytest
from sqlalchemy import func, select

from products.lots.models import Lot
from products.traceability import code_commands, minting
from products.traceability.code_proofs import root_over
from products.traceability.models import Code, CodeAllocation
from products.traceability.rules import CODES_AT_MOST
from products.traceability.spelling import ALPHABET
from shop.core import db
from shop.jobs import queue
from tests.products.coded import UNIT, codes_of, make_codes, make_stock, run_jobs
from tests.world import World

CODES, GUESSES, AT_ONCE = 100_000, 1_000_000, 20_000


def hits(digests: list[bytes]) -> int:
    """How many of these digests are those of codes there are."""
    with db.database().reading() as tx:
        return tx.execute(
            select(func.count()).select_from(Code).where(Code.digest.in_(digests))
        ).scalar_one()


@pytest.mark.once
def test_a_hundred_thousand_codes_are_made_and_given_and_a_million_guesses_find_none(
    world: World, record_property
):
    assert CODES <= CODES_AT_MOST
    began = time.perf_counter()
    batch = make_stock(world, CODES)
    made = time.perf_counter()
    lot = world.tins(4)
    with db.database().writing() as tx:  # a lot of this size, without the leaf for it
        row = tx.execute(select(Lot).where(Lot.public_id == lot)).scalar_one()
        row.units = CODES
    asked = time.perf_counter()
    code_commands.allocate(
        batch_id=batch,
        lot_id=lot,
        first_serial=1,
        count=CODES,
        actor=world.manager,
        now=world.now,
    )
    run_jobs(world)
    record_property("codes made in a second", int(CODES / (made - began)))
    record_property("codes given in a second", int(CODES / (time.perf_counter() - asked)))

    with db.database().reading() as tx:
        allocation = tx.execute(select(CodeAllocation)).scalar_one()
        digests = list(tx.execute(select(Code.digest).order_by(Code.serial)).scalars())
        given = tx.execute(
            select(func.count()).select_from(Code).where(Code.allocation_id == allocation.id)
        ).scalar_one()
    assert len(set(digests)) == given == CODES
    assert allocation.codes_root == root_over(digests)

    chance, spell, key = random.Random(1), minting.our_speller(), minting.digest_key()
    found = 0
    for _ in range(GUESSES // AT_ONCE):
        guesses = [spell.code_of(chance.getrandbits(50)) for _ in range(AT_ONCE)]
        found += hits([minting.digest_of(guess, key) for guess in guesses])

    assert found == 0


def test_the_guesses_above_would_find_a_code_that_there_is(world: World):
    codes = make_codes(world, world.tins(20), 20)
    spell = minting.our_speller()

    # A guess is ten characters; what checks them is computed as for every other guess.
    guesses = [spell.completed(code[:10]) for code in codes] + ["A" * 12]

    assert hits([minting.digest_of(guess) for guess in guesses]) == 20


def test_sixty_wrong_codes_a_minute_are_enough_and_right_ones_are_never_limited(client, world):
    lot = world.tins(4)
    (code,) = make_codes(world, lot, 1)
    chance, spell = random.Random(2), minting.our_speller()
    wrong = [spell.code_of(chance.getrandbits(50)) for _ in range(70)]

    right = [client.get(f"/t/{code}").status_code for _ in range(70)]
    answers = [client.get(f"/t/{guess}").status_code for guess in wrong]

    assert right == [200] * 70, "the control: looking as often at what there is"
    assert answers == [404] * 60 + [429] * 10
    assert "请等一分钟" in client.get("/t/" + "A" * 12).get_data(as_text=True)
    assert client.get(f"/t/{code}").status_code == 200
    elsewhere = client.get(f"/t/{wrong[0]}", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert elsewhere.status_code == 404, "counted for each address"


def test_mistyped_codes_and_made_up_links_are_counted_as_guesses_too(client, world):
    lot = world.tins(4)
    (code,) = make_codes(world, lot, 1)
    slip = ALPHABET[(ALPHABET.index(code[0]) + 1) % 32] + code[1:]
    tried = [f"/t/{slip}"] * 30 + ["/01/09520001000010/10/NONE/21/" + code] * 30

    answers = [client.get(path).status_code for path in tried]

    assert answers == [404] * 60
    assert client.get(tried[0]).status_code == 429


def test_the_job_is_told_how_far_it_is(world: World, monkeypatch):
    from products.traceability import code_jobs
    from shop.jobs.models import Job

    monkeypatch.setattr(code_jobs, "CHUNK", 10)
    lot = world.tins(20)
    code_commands.make_codes_for_lot(
        lot_id=lot, kind=UNIT, count=20, actor=world.manager, now=world.now
    )
    queue.run_waiting(lambda: world.now, limit=1)

    with db.database().reading() as tx:
        job = tx.execute(select(Job)).scalar_one()
        allocation = tx.execute(select(CodeAllocation)).scalar_one()
    assert (job.done, job.total) == (10, 20)
    assert allocation.codes_root is None
    run_later = world.now.replace(hour=23)
    queue.run_waiting(lambda: run_later)
    assert len(codes_of(world, allocation.public_id)) == 20
