"""Which households may be shown: asked anew at each request, so a withdrawal counts at once."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, or_, select

from products.households.models import Consent, Household
from products.households.states import ConsentPurpose


def consents(purpose: ConsentPurpose, day: date) -> ColumnElement[bool]:
    """Whether the `Household` of the statement consents to this on that day.

    A consent taken back on a day no longer counts on that day.
    """
    return (
        select(Consent.id)
        .where(
            Consent.household_id == Household.id,
            Consent.purpose == purpose,
            Consent.given_on <= day,
            or_(Consent.withdrawn_on.is_(None), Consent.withdrawn_on > day),
        )
        .exists()
    )
