"""Writing journals: the only door into the ledger for every command that moves money.

Not a command itself: its callers are, and it writes in their transaction.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import case, insert, or_, select
from sqlalchemy.orm import Session

from orders.ledger import months
from orders.ledger.models import Account, Journal, Transfer
from orders.ledger.months import MonthClosed
from orders.ledger.states import DEBIT_NORMAL, MAY_BE_NEGATIVE, AccountKind, JournalKind
from shop.core import bulk, db
from shop.core.actors import Actor
from shop.core.errors import Refusal
from shop.core.ids import new_id
from shop.core.labels import N_
from shop.core.money import ZERO, Money


class AlreadyPosted(Refusal):
    """The event has been posted before (同一事项已记账)."""

    code = "already_posted"
    sentence = N_("这件事已经记过账了，没有再记一次。")


class Overdrawn(Refusal):
    """A posting would take more from an account than lies in it (余额不足)."""

    code = "overdrawn"
    sentence = N_("账上余额不够：%(account)s还差 %(missing)s 元。没有记账。")


AccountKey = tuple[AccountKind, int]

#: From so many new accounts on they are opened together instead of one by one.
MANY = 20


@dataclass(slots=True)
class Draft:
    """A journal being written: transfers gather here and go in together."""

    transfers: list[tuple[AccountKey, AccountKey, Money]] = field(default_factory=list)

    def move(self, debit: AccountKey, credit: AccountKey, amount: Money) -> None:
        """Move an amount ≥ 0 from the debit to the credit account; nothing for zero."""
        assert amount.fen >= 0, "transfers are positive; turn the accounts round"
        if amount:
            self.transfers.append((debit, credit, amount))

    def spread(
        self,
        debits: Iterable[tuple[AccountKey, Money]],
        credits: Iterable[tuple[AccountKey, Money]],
    ) -> None:
        """Move the debits into the credits, both in the order given; their totals agree."""
        sources = deque((key, amount) for key, amount in debits if amount)
        for credit, amount in credits:
            while amount:
                debit, left = sources.popleft()
                part = min(amount, left)
                self.move(debit, credit, part)
                amount -= part
                if left > part:
                    sources.appendleft((debit, left - part))
        assert not sources, "debits and credits agree"

    @property
    def total(self) -> Money:
        """The sum of all transfers."""
        return Money(sum([amount.fen for _debit, _credit, amount in self.transfers]))


@contextmanager
def journal(
    tx: Session,
    kind: JournalKind,
    *,
    event_key: str,
    about: str,
    actor: Actor,
    now: datetime,
    effective_at: datetime | None = None,
    happened_at: datetime | None = None,
    reverses_id: int | None = None,
) -> Iterator[Draft]:
    """Gather the transfers of one event, then write and seal them.

    An event that moves nothing leaves no journal.

    Args:
        event_key: names the event for ever, such as ``acceptance:accept_7k2m…``.
        about: public id of the thing it happened to.
        effective_at: when it happened, if not now.
        happened_at: instead of `effective_at`, for what others tell us late: see `write`.

    Raises:
        AlreadyPosted: a journal with this key exists.
        MonthClosed: the month of `effective_at` is closed.
        Overdrawn: an account that may not would end below zero.
    """
    draft = Draft()
    yield draft
    if draft.transfers:
        write(
            tx,
            draft,
            kind,
            event_key=event_key,
            about=about,
            actor=actor,
            now=now,
            effective_at=effective_at or now,
            happened_at=happened_at,
            reverses_id=reverses_id,
        )


def write(
    tx: Session,
    draft: Draft,
    kind: JournalKind,
    *,
    event_key: str,
    about: str,
    actor: Actor,
    now: datetime,
    effective_at: datetime,
    happened_at: datetime | None = None,
    corrects_month: str | None = None,
    reverses_id: int | None = None,
) -> int:
    """Write a draft's transfers and seal them with a header; see `journal`. Returns its key.

    Args:
        happened_at: when it happened by another's word, such as the bank's. If that month is
            closed, the journal takes effect at the first open moment and names the month.
        corrects_month: the closed month a later entry corrects, such as ``2026-04``.

    Rule: docs/money.md, “Closing a month”.
    """
    tx.flush()
    if happened_at is not None:
        effective_at, corrects_month = months.first_open(tx, happened_at, now)
    elif months.in_closed_month(tx, effective_at, now):
        raise MonthClosed(month=months.month_of(effective_at))
    content_hash = _content_hash(draft)
    refuse_posted(tx, event_key, content_hash)
    accounts = _accounts(tx, draft)
    journal_id = db.next_id(tx, Journal)
    rows = [
        {
            "journal_id": journal_id,
            "position": position,
            "debit_id": accounts[debit],
            "credit_id": accounts[credit],
            "amount": amount,
        }
        for position, (debit, credit, amount) in enumerate(draft.transfers, start=1)
    ]
    tx.execute(insert(Transfer), rows)
    _refuse_overdraft(tx, draft, accounts)
    seal(
        tx,
        journal_id,
        kind,
        event_key=event_key,
        content_hash=content_hash,
        about=about,
        actor=actor,
        now=now,
        effective_at=effective_at,
        count=len(rows),
        total=draft.total,
        reverses_id=reverses_id,
        corrects_month=corrects_month,
    )
    return journal_id


def reverse(tx: Session, journal_id: int, *, reason: str, actor: Actor, now: datetime) -> int:
    """Write every transfer of a journal the other way (冲正); a journal is reversed once.

    It takes effect now. If the original's month is closed, the reversal names that month.
    """
    del reason  # kept by the caller's audit line
    original = tx.get_one(Journal, journal_id)
    draft = Draft()
    for debit, credit, amount in transfers_of(tx, journal_id):
        draft.move(credit, debit, amount)
    return write(
        tx,
        draft,
        JournalKind.REVERSAL,
        event_key=f"reversal:{original.public_id}",
        about=original.about,
        actor=actor,
        now=now,
        effective_at=now,
        corrects_month=months.month_of(original.effective_at)
        if months.in_closed_month(tx, original.effective_at, now)
        else original.corrects_month,
        reverses_id=journal_id,
    )


def transfers_of(tx: Session, journal_id: int) -> list[tuple[AccountKey, AccountKey, Money]]:
    """The transfers of one journal, in their order, by account kinds and owners."""
    debit, credit = Account.__table__.alias(), Account.__table__.alias()
    rows = tx.execute(
        select(debit.c.kind, debit.c.owner_id, credit.c.kind, credit.c.owner_id, Transfer.amount)
        .join(debit, debit.c.id == Transfer.debit_id)
        .join(credit, credit.c.id == Transfer.credit_id)
        .where(Transfer.journal_id == journal_id)
        .order_by(Transfer.position)
    )
    return [((dk, do), (ck, co), amount) for dk, do, ck, co, amount in rows]


def balance(tx: Session, kind: AccountKind, owner_id: int = 0) -> Money:
    """What lies in one account, positive on its normal side; zero if it was never used."""
    return balances(tx, kind, [owner_id])[owner_id]


def balances(tx: Session, kind: AccountKind, owner_ids: Iterable[int]) -> dict[int, Money]:
    """What lies in the accounts of one kind of these owners, positive on the normal side."""
    wanted = set(owner_ids)
    found = dict.fromkeys(wanted, ZERO)
    signed = case((Transfer.credit_id == Account.id, Transfer.amount), else_=-Transfer.amount)
    statement = (
        select(Account.owner_id, db.total(signed))
        .join(Transfer, or_(Transfer.debit_id == Account.id, Transfer.credit_id == Account.id))
        .where(Account.kind == kind)
        .group_by(Account.owner_id)
    )
    if len(wanted) <= 500:
        statement = statement.where(Account.owner_id.in_(wanted))
    sign = -1 if kind in DEBIT_NORMAL else 1
    for owner_id, fen in tx.execute(statement):
        if owner_id in wanted:
            found[owner_id] = Money(sign * int(fen))
    return found


def lock(tx: Session, *keys: AccountKey) -> None:
    """Lock accounts before their balances are read and decided upon, in one order for everyone."""
    _lock(tx, {_account(tx, key) for key in set(keys)})


def _account(tx: Session, key: AccountKey) -> int:
    kind, owner_id = key
    found = tx.execute(
        select(Account.id).where(Account.kind == kind, Account.owner_id == owner_id)
    ).scalar()
    if found is None:
        db.insert_if_new(tx, Account, {"kind": kind, "owner_id": owner_id})
        found = tx.execute(
            select(Account.id).where(Account.kind == kind, Account.owner_id == owner_id)
        ).scalar_one()
    return found


def _accounts(tx: Session, draft: Draft) -> dict[AccountKey, int]:
    keys = {key for debit, credit, _ in draft.transfers for key in (debit, credit)}
    by_kind: dict[AccountKind, set[int]] = defaultdict(set)
    for kind, owner_id in keys:
        by_kind[kind].add(owner_id)
    found: dict[AccountKey, int] = {}
    for kind, owners in by_kind.items():
        found |= _known_accounts(tx, kind, owners)
    missing = sorted(keys - found.keys(), key=lambda k: (k[0].value, k[1]))
    if len(missing) > MANY:
        rows: list[tuple[object, ...]] = [(kind.value, owner_id) for kind, owner_id in missing]
        bulk.insert_all_new(tx, Account, ("kind", "owner_id"), rows)
        for kind in by_kind:
            new = [owner_id for its_kind, owner_id in missing if its_kind is kind]
            found |= _known_accounts(tx, kind, new)
        missing = []
    for key in missing:
        found[key] = _account(tx, key)
    return found


def _known_accounts(tx: Session, kind: AccountKind, owners: Iterable[int]) -> dict[AccountKey, int]:
    statement = select(Account.owner_id, Account.id).where(
        Account.kind == kind, bulk.among(tx, Account.owner_id, owners)
    )
    return {(kind, owner_id): key for owner_id, key in tx.execute(statement)}


def _lock(tx: Session, ids: Iterable[int]) -> None:
    tx.execute(
        select(Account.id)
        .where(bulk.among(tx, Account.id, ids))
        .order_by(Account.id)
        .with_for_update()
    ).all()


def refuse_posted(tx: Session, event_key: str, content_hash: str) -> None:
    """Refuse an event that was posted before; a step of this package."""
    earlier = tx.execute(
        select(Journal.content_hash).where(Journal.event_key == event_key)
    ).scalar_one_or_none()
    if earlier is not None:
        # The same event told differently is a mistake of ours, not something to refuse politely.
        assert earlier == content_hash, f"{event_key} was posted with other content"
        raise AlreadyPosted(event_key=event_key)


def seal(
    tx: Session,
    journal_id: int,
    kind: JournalKind,
    *,
    event_key: str,
    content_hash: str,
    about: str,
    actor: Actor,
    now: datetime,
    effective_at: datetime,
    count: int,
    total: Money,
    reverses_id: int | None = None,
    corrects_month: str | None = None,
) -> None:
    """Write the header, which seals the transfers written before it."""
    tx.execute(
        insert(Journal).values(
            id=journal_id,
            public_id=new_id("journal"),
            kind=kind,
            event_key=event_key,
            content_hash=content_hash,
            about=about,
            effective_at=effective_at,
            posted_at=now,
            posted_by_id=actor.user_id,
            reverses_id=reverses_id,
            corrects_month=corrects_month,
            transfer_count=count,
            total=total,
        )
    )


def _refuse_overdraft(tx: Session, draft: Draft, accounts: dict[AccountKey, int]) -> None:
    """Refuse what would end below zero on its normal side, as far as this draft lowers it."""
    lowered: dict[AccountKind, set[int]] = defaultdict(set)
    for debit, credit, _amount in draft.transfers:
        if debit[0] not in DEBIT_NORMAL | MAY_BE_NEGATIVE:
            lowered[debit[0]].add(debit[1])
        if credit[0] in DEBIT_NORMAL and credit[0] is not AccountKind.CUSTODY:
            lowered[credit[0]].add(credit[1])
    _lock(tx, {accounts[kind, owner] for kind, owners in lowered.items() for owner in owners})
    for kind, owners in lowered.items():
        for amount in balances(tx, kind, owners).values():
            if amount < ZERO:
                raise Overdrawn(account=kind.label, missing=str(-amount))


def _content_hash(draft: Draft) -> str:
    # As `json.dumps` would write it; an import has a hundred thousand of them.
    content = ", ".join(
        [
            f'["{debit.value}", {debit_owner}, "{credit.value}", {credit_owner}, {amount.fen}]'
            for (debit, debit_owner), (credit, credit_owner), amount in draft.transfers
        ]
    )
    return hashlib.sha256(f"[{content}]".encode()).hexdigest()
