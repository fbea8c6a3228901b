"""Opening what is kept encrypted of a household; only commands that audit the look call this."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from products.households.models import Household
from products.households.states import HouseholdSecret
from shop.core.vault import vault
from shop.organisations.accounts import account_place
from shop.organisations.models import PayeeAccount, PayeeKind
from shop.organisations.states import AccountState


def identity_place(public_id: str) -> str:
    """What an identity number's ciphertext is bound to."""
    return f"household.identity:{public_id}"


def phone_place(public_id: str) -> str:
    """What a telephone number's ciphertext is bound to."""
    return f"household.phone:{public_id}"


def opened(tx: Session, household: Household, what: HouseholdSecret) -> str | None:
    """The number in the clear, or None when none is kept."""
    sealed: str | None
    if what is HouseholdSecret.IDENTITY:
        sealed, place = household.identity_sealed, identity_place(household.public_id)
    elif what is HouseholdSecret.PHONE:
        sealed, place = household.phone_sealed, phone_place(household.public_id)
    else:
        account = tx.execute(
            select(PayeeAccount).where(
                PayeeAccount.payee_kind == PayeeKind.HOUSEHOLD,
                PayeeAccount.payee_id == household.id,
                PayeeAccount.state != AccountState.REPLACED,
            )
        ).scalar_one_or_none()
        sealed = account.number_sealed if account else None
        place = account_place(account.public_id) if account else ""
    return vault().open(sealed, place=place) if sealed else None
