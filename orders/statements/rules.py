"""What a household's statement says first, and how it sounds read aloud. Pure functions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from shop.core.capitals import in_capitals
from shop.core.labels import N_, Labelled
from shop.core.money import ZERO, Money

#: Payout batches go to the bank on Fridays (Monday is 0).
PAYOUT_WEEKDAY = 4

_EVERYDAY = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟", "一二三四五六七八九十百千", "整")

#: Two of something is 两: at the beginning, and before thousands; never in 十二, 二十 or 零二.
_TWO = re.compile("^二(?=[元百千万亿角分])|二(?=千)")


class Situation(Labelled):
    """What matters most to a household now; the label is the sentence at the top.

    Places: ``%(amount)s``, ``%(day)s``, ``%(last4)s``.
    """

    RETURNED = (
        "returned",
        N_("有 %(amount)s 没有打成：银行退回了尾号 %(last4)s 的卡。请带银行卡到合作社核对。"),
    )
    NO_CARD = (
        "no_card",
        N_("有 %(amount)s 等着打给您，还没有登记银行卡。请带身份证和银行卡到合作社登记。"),
    )
    ON_THE_WAY = "on_the_way", N_("%(amount)s 正在打到尾号 %(last4)s 的卡，银行还没回话。")
    OWED = "owed", N_("还要打给您 %(amount)s，预计 %(day)s 打到尾号 %(last4)s 的卡。")
    PAID = "paid", N_("%(amount)s 已在 %(day)s 打到尾号 %(last4)s 的卡。")
    NOTHING = "nothing", N_("现在没有要打给您的钱，一共打过 %(amount)s。")


@dataclass(frozen=True, slots=True)
class Headline:
    """The first sentence: the situation and what fills its places."""

    situation: Situation
    amount: Money
    day: date | None = None
    last4: str = ""


def headline(
    *,
    owed: Money,
    on_the_way: Money,
    on_the_way_last4: str,
    card_last4: str | None,
    card_refused: bool,
    last_paid: tuple[Money, date, str] | None,
    today: date,
) -> Headline:
    """Choose the first sentence: what needs the household's doing first, then what comes next.

    Args:
        owed: the household's payable account; `on_the_way`: approved and not answered by the bank.
        card_refused: the bank sent the last payment to this card back.
        last_paid: amount, day and last four digits of the latest payment that arrived.
    """
    if owed > ZERO and card_last4 is None:
        return Headline(Situation.NO_CARD, owed)
    if owed > ZERO and card_refused:
        return Headline(Situation.RETURNED, owed, last4=card_last4 or "")
    if on_the_way > ZERO:
        return Headline(Situation.ON_THE_WAY, on_the_way, last4=on_the_way_last4)
    if owed > ZERO:
        return Headline(Situation.OWED, owed, next_payout_day(today), card_last4 or "")
    if last_paid is not None:
        amount, day, last4 = last_paid
        return Headline(Situation.PAID, amount, day, last4)
    return Headline(Situation.NOTHING, ZERO)


def next_payout_day(today: date) -> date:
    """The next day payouts go to the bank; today counts when it is one."""
    return today + timedelta(days=(PAYOUT_WEEKDAY - today.weekday()) % 7)


def spoken(amount: Money) -> str:
    """An amount ≥ 0 as it is said: 1,286.40 is 一千二百八十六元四角, 2,000.00 is 两千元."""
    said = _TWO.sub("两", in_capitals(amount).translate(_EVERYDAY))
    return said.removeprefix("一") if said.startswith("一十") else said


def unsold_part(value_fen: int, *, whole: int, gone: int) -> int:
    """How much of a value in a lot is still there when `gone` of `whole` grams or units left it.

    What left is rounded down, so that a used-up lot keeps nothing and none is lost before.
    """
    return value_fen - value_fen * gone // whole
