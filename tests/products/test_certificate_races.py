"""Eight scales shown the same paper at once: one certificate, and nobody is sent away."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from products.certificates.models import Certificate, LotCertificate
from products.certificates.rules import keep_until
from products.certificates.states import CertificateKind, PromiseBasis
from shop.core import db
from tests.products.gate import TODAY, Gate, at_the_gate
from tests.products.test_lot_races import THREADS, at_once
from tests.world import World

pytestmark = pytest.mark.race


@pytest.fixture
def gate(world: World) -> Gate:
    return at_the_gate(world)


def counted(model: type[db.Model]) -> int:
    with db.database().reading() as tx:
        return tx.execute(select(func.count()).select_from(model)).scalar_one()


def test_eight_scales_keep_one_paper(gate):
    ends = at_once(lambda: gate.leaf(gate.zhang, "1", certificate="A"))

    assert [end for end in ends if end] == []
    assert (counted(Certificate), counted(LotCertificate)) == (1, THREADS)


def test_the_control_that_looks_and_writes_apart_sends_people_away(gate, world):
    """Shows that the race above can be lost: looking in one transaction, writing in the next."""
    have_looked = threading.Barrier(THREADS)
    household = world.household_key("张桂兰")

    def careless() -> None:
        assert counted(Certificate) == 0
        have_looked.wait()
        with db.database().writing() as tx:
            tx.add(
                Certificate(
                    number="A",
                    kind=CertificateKind.COLLECTED,
                    cooperative_id=gate.cooperative_key,
                    household_id=household,
                    goods="鲜叶",
                    basis=PromiseBasis.PROMISE,
                    issued_on=TODAY,
                    keep_until=keep_until(TODAY),
                )
            )

    ends = at_once(careless)

    assert [type(end) for end in ends if end] == [IntegrityError] * (THREADS - 1)
