"""Prices for tests: drafted, sent and approved as people do it, on the day they begin."""

from __future__ import annotations

from datetime import date

from products.catalogue.rules import Composition, Steps
from products.catalogue.states import TaxClass
from products.prices.deciding import approve
from products.prices.drafting import draft_price
from products.prices.rules import PARTS
from shop.core import clock
from shop.core.actors import CLOCK, Actor


def priced(
    specification_id: str,
    from_day: date,
    composition: Composition,
    *,
    tax_class: TaxClass = TaxClass.EXEMPT,
    steps: Steps = (),
    manager: Actor = CLOCK,
    approver: Actor = CLOCK,
) -> str:
    """A price that counts from a day on; returns its public id."""
    now = clock.at(from_day, 8)
    price = draft_price(
        specification_id=specification_id,
        from_day=from_day,
        tax_class=tax_class,
        price=composition.price,
        parts={name: getattr(composition, name) for name in PARTS},
        steps=steps,
        send=True,
        actor=manager,
        now=now,
    )
    approve(thing_id=price, actor=approver, now=now)
    return price
