"""Why something of a statement is still open, in plain words; pure."""

from __future__ import annotations

from orders.statements.households import HouseholdPeriod
from shop.core.labels import N_, Labelled
from shop.core.money import ZERO


class Reason(Labelled):
    """One sentence; places: ``%(last4)s``, ``%(units)s``."""

    ON_THE_WAY = "on_the_way", N_("钱已经交给银行去打，等银行回话。")
    NO_CARD = "no_card", N_("还没有登记银行卡。请带身份证和银行卡到合作社登记。")
    REFUSED = "refused", N_("银行退回了尾号 %(last4)s 的卡。请带银行卡到合作社核对，钱还在。")
    NEXT = "next", N_("下一个打款日打到尾号 %(last4)s 的卡。")
    WAITING = "waiting", N_("有 %(units)s 件买家验收了还没有付钱，付了就分。")
    CONSIGNED = "consigned", N_("寄售的货要等卖出、付清以后才有钱。")
    RETURNED = (
        "returned",
        N_("买家退回 %(units)s 件：这部分不再分钱，已经打到您卡上的不用退。"),
    )


def reasons(statement: HouseholdPeriod) -> list[tuple[Reason, dict[str, str]]]:
    """Why money is open, and what came back; each with what fills its places."""
    found: list[tuple[Reason, dict[str, str]]] = []
    card = {"last4": statement.card_last4}
    if statement.on_the_way > ZERO:
        found.append((Reason.ON_THE_WAY, {}))
    if statement.closing > statement.on_the_way:
        if not statement.card_last4:
            found.append((Reason.NO_CARD, {}))
        else:
            found.append((Reason.REFUSED if statement.card_refused else Reason.NEXT, card))
    waiting = sum(one.waiting for one in statement.made)
    if waiting:
        found.append((Reason.WAITING, {"units": str(waiting)}))
    if statement.consigned > ZERO:
        found.append((Reason.CONSIGNED, {}))
    if statement.returned:
        found.append((Reason.RETURNED, {"units": str(statement.returned)}))
    return found
