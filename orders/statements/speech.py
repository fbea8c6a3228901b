"""A household's statement of a period as one paragraph to be read aloud, by a person or a program.

Amounts are written as they are said, and numbers that are read digit by digit stand apart, so
that a speech program cannot read 1,286.40 as a date or a telephone number as millions.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _

from orders.statements.households import HouseholdPeriod
from orders.statements.reasons import reasons
from orders.statements.rules import spoken
from orders.statements.sent_back import SentBack
from shop.core.money import ZERO, Money
from shop.web.filters import day, either, kg, yuan_text
from shop.web.views import language


def paragraph(statement: HouseholdPeriod, period: str) -> str:
    """All that matters of a statement, in the reader's language. `period` is its name there."""
    lines = [
        _("%(name)s，您好。这是%(period)s的账。", name=statement.name, period=period)
        if statement.period.since
        else _("%(name)s，您好。这是您开户以来的账。", name=statement.name),
        _("您送来 %(weight)s。", weight=kg(statement.grams)),
        _("过秤时现场付给您的鲜叶款是 %(amount)s。", amount=said(statement.leaf_paid)),
    ]
    if statement.second_payment >= ZERO:
        second = _("结算给您的二次返利是 %(amount)s。", amount=said(statement.second_payment))
    else:
        second = _("因为退货，二次返利减少 %(amount)s。", amount=said(-statement.second_payment))
    lines.append(second)
    lines.append(
        _(
            "您的货按售价卖了 %(amount)s，这个数不是收入，不和别的数相加。",
            amount=said(statement.attributed),
        )
    )
    for one in statement.paid_out[-3:]:
        lines.append(
            _(
                "%(day)s，有 %(amount)s 打到尾号 %(last4)s 的卡。",
                day=day(one.on),
                amount=said(one.amount),
                last4=apart(one.last4),
            )
        )
    if statement.closing > ZERO:
        lines.append(_("还有 %(amount)s 没有到您卡上。", amount=said(statement.closing)))
    else:
        lines.append(_("没有欠您的钱。"))
    for reason, facts in reasons(statement):
        digits = {**facts, "last4": apart(facts.get("last4", ""))}
        lines.append(str(_(reason.label) % digits))
    if statement.cooperative_phone:
        phone = apart(statement.cooperative_phone)
        lines.append(_("有不对的地方，请打 %(phone)s。", phone=phone))
    return " ".join(lines) if language() == "en" else "".join(lines)


def explained(statement: HouseholdPeriod) -> list[str]:
    """Why something is still open, as the page tells it."""
    return [str(_(reason.label) % facts) for reason, facts in reasons(statement)]


def came_back(sent_back: Sequence[SentBack], covered: Money) -> list[str]:
    """A sentence or two for each return: what came back, why, and what it does to the money."""
    lines = []
    for one in sent_back:
        effect = str(_(one.effect.label) % {"day": day(one.settled_on)})
        lines.append(
            _(
                "%(day)s，买家退回 %(goods)s %(units)s %(unit)s（批次 %(lot)s，原因：%(reason)s）。"
                "%(effect)s",
                day=day(one.on),
                goods=either(one.name, one.name_en),
                units=one.units,
                unit=either(one.unit, one.unit_en),
                lot=one.lot,
                reason=one.reason.rstrip("。."),
                effect=effect,
            )
        )
    if covered > ZERO:
        lines.append(
            _(
                "因为退货多分的 %(amount)s 由合作社垫着，您不用退；同一批以后再卖出，先补这一笔。",
                amount=yuan_text(covered),
            )
        )
    return lines


def said(amount: Money) -> str:
    """An amount ≥ 0 as it is said in the reader's language."""
    return spoken(amount) if language() == "zh" else spoken_in_english(amount)


def spoken_in_english(amount: Money) -> str:
    """1,286.40 is “1286 yuan 40 fen”: without a comma or point that could be read otherwise."""
    yuan, fen = divmod(amount.fen, 100)
    return f"{yuan} yuan {fen} fen" if fen else f"{yuan} yuan"


def apart(digits: str) -> str:
    """Digits that are read one by one: 0003 is “0 0 0 3”."""
    return " ".join(one for one in digits if one.isdigit())
