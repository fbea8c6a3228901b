"""Consent of households to be shown in public (单独同意书): given, and taken back."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from products.households.models import Consent, Household
from products.households.states import ConsentPurpose
from products.households.steps import editable, household_of, not_ahead, record
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import Refusal
from shop.core.labels import N_
from shop.core.permissions import Permission as P


class ConsentStands(Refusal):
    """There is a consent that has not been withdrawn."""

    code = "consent_stands"
    sentence = N_("这户的同意书还有效，不用再登记。")


class NoConsent(Refusal):
    """There is no consent to withdraw, or not yet on that day."""

    code = "no_consent"
    sentence = N_("那一天没有有效的同意书，不能登记撤回。")


@command
def give_consent(
    tx: Session,
    *,
    household_id: str,
    on: date,
    purpose: ConsentPurpose = ConsentPurpose.NAME,
    actor: Actor,
    now: datetime,
) -> None:
    """Note that a household agreed on a day to be shown in public, for one purpose (单独同意书).

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
        DayAhead: the day has not come.
        ConsentStands: there is a consent for this already.

    Rule: 个人信息保护法 art. 25, separate consent to publication.
    """
    household = editable(tx, household_id, actor)
    not_ahead(on, now)
    if _standing_consent(tx, household, purpose):
        raise ConsentStands()
    tx.add(Consent(household_id=household.id, purpose=purpose, given_on=on))
    record(tx, household, "give_consent", actor, now, on=on, purpose=purpose.value)


@command
def withdraw_consent(
    tx: Session,
    *,
    household_id: str,
    on: date,
    purpose: ConsentPurpose = ConsentPurpose.NAME,
    actor: Actor,
    now: datetime,
) -> None:
    """Note that a household took a consent back; from then on no public page shows it so.

    A household may do so itself, without a reason. Its goods, shares and money stay as they are.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
        DayAhead: the day has not come.
        NoConsent: there was none on that day.
    """
    household = household_of(tx, household_id)
    if actor.household_id != household.id:
        actor.require(P.HOUSEHOLD_EDIT, household.cooperative_id)
    not_ahead(on, now)
    consent = _standing_consent(tx, household, purpose)
    if consent is None or consent.given_on > on:
        raise NoConsent()
    consent.withdrawn_on = on
    record(tx, household, "withdraw_consent", actor, now, on=on, purpose=purpose.value)


def _standing_consent(tx: Session, household: Household, purpose: ConsentPurpose) -> Consent | None:
    return tx.execute(
        select(Consent).where(
            Consent.household_id == household.id,
            Consent.purpose == purpose,
            Consent.withdrawn_on.is_(None),
        )
    ).scalar_one_or_none()
