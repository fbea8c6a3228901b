"""Reading the statement of one household for a period, by whoever may."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.statements.households import HouseholdPeriod, read
from orders.statements.periods import Period
from products.households.models import Household
from shop.core.actors import Actor
from shop.core.errors import NotFound
from shop.core.permissions import Permission as P
from shop.web.filters import mask


def of_household(tx: Session, household_id: str, period: Period, actor: Actor) -> HouseholdPeriod:
    """One household's statement of a period.

    The household itself and its cooperative see it whole; who oversees the books sees every
    figure, with the name masked and without the code that opens the statement.

    Raises:
        NotFound: no such household, or not the actor's to see.
        NotAllowed: of the cooperative, without a role that reads households.
    """
    row = tx.execute(
        select(Household).where(Household.public_id == household_id)
    ).scalar_one_or_none()
    if row is None:
        raise NotFound()
    found = read(tx, [row.id], period)[0]
    if actor.household_id == row.id or actor.may(P.HOUSEHOLD_READ, row.cooperative_id):
        return found
    if actor.may(P.PLATFORM_READ) or actor.may(P.AUDIT_READ):
        return replace(found, name=mask(found.name), code="", card_last4="")
    actor.require(P.HOUSEHOLD_READ, row.cooperative_id)
    return found
