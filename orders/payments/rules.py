"""What each line of a bank statement would do; pure functions.

Rule: docs/money.md, “Money in”.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from orders.payments.formats.files import StatementFile, StatementLine
from orders.payments.formats.sheets import Fault, FileRefused, Problem
from shop.core.labels import N_, Labelled
from shop.core.money import ZERO, Money, total
from shop.core.reference import find_references


@dataclass(frozen=True, slots=True)
class Booked:
    """A line that is booked already, under the same key."""

    amount: Money
    balance: Money


@dataclass(frozen=True, slots=True)
class NewPart:
    """The lines of a file that are not booked yet, which follow each other without a gap."""

    lines: tuple[StatementLine, ...]
    repeats: int

    @property
    def opening(self) -> Money:
        """What stood before the first new line."""
        return self.lines[0].balance - self.lines[0].amount

    @property
    def closing(self) -> Money:
        """What stands after the last new line."""
        return self.lines[-1].balance

    @property
    def credits(self) -> Money:
        """What came in by the new lines."""
        return Money(sum(line.amount.fen for line in self.lines if line.amount.fen > 0))

    @property
    def debits(self) -> Money:
        """What went out by the new lines, above zero."""
        return Money(-sum(line.amount.fen for line in self.lines if line.amount.fen < 0))


def new_part(file: StatementFile, booked: Mapping[str, Booked]) -> NewPart:
    """What of a file is new, where files overlap; the sums hold for the new lines alone.

    Args:
        booked: lines that are booked already, by key.

    Raises:
        FileRefused: nothing is new; a line has a serial that is booked with another amount (or
            balance, where the bank tells it); or booked lines stand among the new ones, whose sums
            would then not lead from the opening to the closing balance.
    """
    faults = [
        Fault(line.line, "", Problem.BOOKED_OTHERWISE, line.serial)
        for line in file.lines
        if (known := booked.get(line.key)) is not None
        and (known.amount != line.amount or not (file.reckoned or known.balance == line.balance))
    ]
    new = [line for line in file.lines if line.key not in booked]
    if not faults and not new:
        faults = [Fault(line.line, "", Problem.LINE_BOOKED, line.serial) for line in file.lines]
    if not faults:
        faults = [
            Fault(line.line, "", Problem.NEW_SCATTERED, line.serial)
            for before, line in pairwise(new)
            if before.balance.fen + line.amount.fen != line.balance.fen
        ]
    if faults:
        raise FileRefused(faults)
    return NewPart(tuple(new), len(file.lines) - len(new))


# --- what each line would do --------------------------------------------------------------------


class Finding(Labelled):
    """What a line turns out to be, before anybody has looked at it."""

    MATCHED = "matched", N_("与采购单应付款一致，直接入账")
    MATCHED_SEVERAL = "matched_several", N_("与几张采购单应付款之和一致，直接入账")
    PARTIAL = "partial", N_("少于采购单应付款，先挂待认领")
    OVER = "over", N_("多于采购单应付款，先挂待认领")
    NOT_PAYABLE = "not_payable", N_("采购单现在不能收款，先挂待认领")
    SEVERAL = "several", N_("附言里有几张采购单的识别码，合计对不上，先挂待认领")
    UNKNOWN = "unknown", N_("没有认出识别码，先挂待认领")
    PAYOUT = "payout", N_("打款付出，确认到账")
    EXPLAINED = "explained", N_("由别的单据说明，直接入账")
    OUTGOING = "outgoing", N_("支出没有对应的打款，等人说明")
    REPEAT = "repeat", N_("已经入过账，这次跳过")


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """One order of a purchase and what is still to be paid for it, never below zero."""

    order_id: int
    public_id: str
    open: Money


@dataclass(frozen=True, slots=True)
class Claim:
    """A purchase that a reference code in a memo names, and what it still waits for.

    `buyer` is the name a transfer for it would come from.
    """

    purchase_id: int
    number: str
    open: Money
    payable: bool
    buyer: str = ""
    orders: tuple[OpenOrder, ...] = ()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A payout item or refund on its way that a debit line may show leaving."""

    item_id: int
    number: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Explained:
    """What another part knows a line to be: its name for it, its own key, and the paper's number.

    See `orders.payments.hooks.explain_by`.
    """

    by: str
    key: int
    number: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What one line does at import: `number` of the purchase or payout it names, if one.

    `claims` are all it pays, where the amount is what several wait for together.
    """

    finding: Finding
    claim: Claim | None = None
    outgoing: Outgoing | None = None
    claims: tuple[Claim, ...] = ()
    explained: Explained | None = None

    @property
    def paid(self) -> tuple[Claim, ...]:
        """The purchases whose money this is, once it is booked."""
        if self.finding is Finding.MATCHED and self.claim:
            return (self.claim,)
        return self.claims if self.finding is Finding.MATCHED_SEVERAL else ()

    @property
    def number(self) -> str:
        """The number on the paper the line belongs to; empty when it is not known."""
        if self.claims:
            return "、".join(claim.number for claim in self.claims)
        named = self.claim or self.outgoing or self.explained
        return named.number if named else ""


def decide(
    lines: Sequence[tuple[Money, str]],
    claims: Mapping[str, Claim],
    outgoing: Mapping[str, Outgoing],
    look: Callable[[str], list[str]] = find_references,
) -> list[Decision]:
    """Say for each line what it does, in the order of the file.

    A purchase paid by one line is not paid again by a later one; an item leaves once. Lines that
    nothing here names are left to other parts (`unnamed`).

    Args:
        lines: amount (above zero in, below zero out) and memo of each.
        claims: purchases by their reference code.
        outgoing: items in transit or unknown, by theirs.
        look: the codes in a memo, where they have been looked for already.
    """
    open_now = {claim.purchase_id: claim.open for claim in claims.values()}
    gone: set[int] = set()
    decisions = []
    for amount, memo in lines:
        codes = look(memo)
        if amount < ZERO:
            items = [outgoing[code] for code in codes if code in outgoing]
            fitting = (one for one in items if one.amount == -amount and one.item_id not in gone)
            item = next(fitting, None)
            if item is None:
                decisions.append(Decision(Finding.OUTGOING))
            else:
                gone.add(item.item_id)
                decisions.append(Decision(Finding.PAYOUT, outgoing=item))
            continue
        named = [claims[code] for code in codes if code in claims]
        decision = _credit(amount, named, open_now)
        for claim in decision.paid:
            open_now[claim.purchase_id] = ZERO
        decisions.append(decision)
    return decisions


def _credit(amount: Money, named: Sequence[Claim], open_now: Mapping[int, Money]) -> Decision:
    if not named:
        return Decision(Finding.UNKNOWN)
    if len({claim.purchase_id for claim in named}) > 1:
        # One transfer for several purchases: to the fen, or a person looks at it.
        due = total([open_now[claim.purchase_id] for claim in named])
        exact = amount == due and all(
            claim.payable and open_now[claim.purchase_id] for claim in named
        )
        return Decision(Finding.MATCHED_SEVERAL if exact else Finding.SEVERAL, claims=tuple(named))
    claim = named[0]
    if not claim.payable:
        return Decision(Finding.NOT_PAYABLE, claim)
    due = open_now[claim.purchase_id]
    if amount == due:
        return Decision(Finding.MATCHED, claim)
    return Decision(Finding.PARTIAL if amount < due else Finding.OVER, claim)


def unnamed(decision: Decision) -> bool:
    """Whether no purchase and no payout has anything to do with a line."""
    return decision.finding in (Finding.UNKNOWN, Finding.OUTGOING)


def another_payer(buyers: Sequence[str], counterparty: str) -> bool:
    """Whether money came from somebody else than who bought, as far as the bank tells a name.

    Spaces and the width of brackets are the bank's habit, not another name.
    """
    payer = plain_name(counterparty)
    return bool(payer) and any(plain_name(buyer) != payer for buyer in buyers if buyer)


def plain_name(name: str) -> str:
    """A name as it is compared: without spaces, brackets of one width."""
    return "".join(name.split()).translate(_BRACKETS)


_BRACKETS = str.maketrans("（）", "()")
