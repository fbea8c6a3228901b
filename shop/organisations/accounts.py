"""Steps on accounts money is paid to: which one is current, putting another in its place."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core import audit
from shop.core.actors import Actor
from shop.core.errors import Refusal
from shop.core.labels import N_
from shop.core.vault import vault
from shop.organisations.models import PayeeAccount, PayeeKind
from shop.organisations.states import ACCOUNT, AccountState


class NotACardNumber(Refusal):
    """A bank account number has 8 to 32 digits."""

    code = "not_a_card_number"
    sentence = N_("卡号应为 8 到 32 位数字，请核对。")
    status = 422
    field = "number"


class HasAccount(Refusal):
    """A payee that has an account gets another one only by two people."""

    code = "has_account"
    sentence = N_("已经有收款账户了。更换要两个人：先提出新账户，再由另一位复核。")


def clean_number(number: str) -> str:
    """The digits of an account number.

    Raises:
        NotACardNumber: it is not 8 to 32 digits.
    """
    digits = "".join(number.split())
    if not (digits.isascii() and digits.isdigit() and 8 <= len(digits) <= 32):
        raise NotACardNumber()
    return digits


def current_account(tx: Session, payee_kind: PayeeKind, payee_id: int) -> PayeeAccount | None:
    """The account a payee is paid on, or was last refused on, locked; None without one."""
    return tx.execute(
        select(PayeeAccount)
        .where(
            PayeeAccount.payee_kind == payee_kind,
            PayeeAccount.payee_id == payee_id,
            PayeeAccount.state != AccountState.REPLACED,
        )
        .with_for_update()
    ).scalar_one_or_none()


def first_account(
    tx: Session,
    payee_kind: PayeeKind,
    payee_id: int,
    *,
    holder: str,
    number: str,
    bank: str,
    cnaps: str,
    organisation_id: int,
    actor: Actor,
    now: datetime,
) -> str:
    """Enter the first account of a payee; also the step for households. Returns its public id.

    Raises:
        NotACardNumber: it is not 8 to 32 digits.
        HasAccount: there is one.
    """
    clean_number(number)
    if current_account(tx, payee_kind, payee_id) is not None:
        raise HasAccount()
    return put_in_place(
        tx,
        payee_kind,
        payee_id,
        holder=holder,
        number=number,
        bank=bank,
        cnaps=cnaps,
        organisation_id=organisation_id,
        actor=actor,
        now=now,
    ).public_id


def put_in_place(
    tx: Session,
    payee_kind: PayeeKind,
    payee_id: int,
    *,
    holder: str,
    number: str,
    bank: str,
    cnaps: str,
    organisation_id: int | None,
    actor: Actor,
    now: datetime,
) -> PayeeAccount:
    """Put an account in the place of the current one, if there is one.

    Raises:
        NotACardNumber: it is not 8 to 32 digits.
    """
    digits = clean_number(number)
    current = current_account(tx, payee_kind, payee_id)
    if current is not None:
        ACCOUNT.move(tx, current, "replace", actor=actor, now=now, organisation_id=organisation_id)
        tx.flush()
    account = PayeeAccount(
        payee_kind=payee_kind,
        payee_id=payee_id,
        holder=holder,
        number_sealed="",
        number_last4=digits[-4:],
        number_fingerprint=vault().fingerprint(digits),
        bank=bank,
        cnaps=cnaps,
        state=AccountState.ACTIVE,
        since=now,
    )
    tx.add(account)
    tx.flush()
    account.number_sealed = vault().seal(digits, place=account_place(account.public_id))
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="payee_account",
        thing=account.public_id,
        action="set",
        organisation_id=organisation_id,
        last4=digits[-4:],
    )
    return account


def account_place(public_id: str) -> str:
    """What an account number's ciphertext is bound to."""
    return f"payee_account.number:{public_id}"


def change_place(public_id: str) -> str:
    """What a proposed number's ciphertext is bound to."""
    return f"account_change.number:{public_id}"
