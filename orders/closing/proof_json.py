"""The proofs as plain figures for other programs: whole fen, names as in the ledger."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from orders.closing.following import LotPart
from orders.closing.proof import ORDER_PLACES, PAID_TO, Goods, OrderProof, OrdersProof, PeriodProof
from orders.closing.public_proof import PublicProof


def order(found: OrderProof) -> dict[str, Any]:
    """One order: received + receivable = all places."""
    return {
        "order": found.public_id,
        "number": found.number,
        "received_fen": found.received.fen,
        "receivable_fen": found.receivable.fen,
        "places_fen": {name: getattr(found, name).fen for name in ORDER_PLACES},
        "rest_fen": found.rest.fen,
    }


def lot(found: LotPart) -> dict[str, Any]:
    """An order's part of one lot, and how far it has come; households are told on their pages."""
    return {
        "lot": found.public_id,
        "number": found.number,
        "households_fen": found.households.fen,
        "unpaid_fen": found.unpaid.fen,
        "in_pool_fen": found.in_pool.fen,
        "settled_fen": {
            field.name: getattr(found.settled, field.name).fen for field in fields(found.settled)
        },
        "rest_fen": found.rest.fen,
    }


def orders(found: OrdersProof) -> dict[str, Any]:
    """All orders together, and those that do not add up."""
    together = order(found.together)
    return {
        "count": found.count,
        **{name: together[name] for name in together if name not in ("order", "number")},
        "wrong": [order(one) for one in found.wrong],
    }


def period(found: PeriodProof) -> dict[str, Any]:
    """A period: opening + received = paid out + closing, and for whom the closing is held."""
    return {
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "opening_fen": found.opening.fen,
        "received_fen": found.received.fen,
        "paid_fen": {name: getattr(found, name).fen for name in PAID_TO},
        "held_fen": found.closing.fen,
        "held_for_fen": {kind.value: amount.fen for kind, amount in found.held},
        "goods_fen": {part.name: getattr(found.goods, part.name).fen for part in fields(Goods)},
        "rest_fen": found.rest.fen,
        "held_rest_fen": found.held_rest.fen,
    }


def public(found: PublicProof) -> dict[str, Any]:
    """The public figure; what came in is the sum of the last five but `owed_fen`."""
    return {
        "day": found.day.isoformat(),
        **period(found.period),
        "kept_fen": found.kept.fen,
        "owed_fen": found.owed.fen,
        "waiting_fen": found.waiting.fen,
        "unclaimed_fen": found.unclaimed.fen,
        "refunds_fen": found.refunds.fen,
        "elsewhere_fen": found.elsewhere.fen,
        "households_fen": {
            part.name: getattr(found.shares, part.name).fen for part in fields(found.shares)
        },
    }
