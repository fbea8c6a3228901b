"""A statement in words: its first sentence, the text read aloud, the A4 paper."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from orders.statements.queries import Statement
from orders.statements.rules import Headline, spoken
from orders.statements.speech import came_back
from shop.core.clock import day_of
from shop.core.money import ZERO, Money
from shop.web.filters import day, either, kg, label, moment, yuan_text
from shop.web.views import language


def first_sentence(headline: Headline) -> tuple[str, str]:
    """The first sentence before and after its amount, which the page sets large."""
    whole = _filled(headline, "\0")
    before, _mark, after = whole.partition("\0")
    return before.strip(), after.strip()


def read_aloud(statement: Statement) -> list[str]:
    """What the telephone or the browser reads out, amounts as they are said."""
    name = statement.name
    lines = [
        _("%(name)s，您好。", name=name),
        _filled(statement.headline, _said(statement.headline.amount)),
        _("您一共送来 %(weight)s。", weight=kg(statement.brought_grams)),
        _("过秤时现场付给您的鲜叶款是 %(amount)s。", amount=_said(statement.leaf_paid)),
        _("卖出后的二次返利是 %(amount)s。", amount=_said(statement.second_payment)),
    ]
    if statement.unsold_value > ZERO:
        lines.append(
            _(
                "寄售还没有卖完的货，约定价值 %(amount)s。",
                amount=_said(statement.unsold_value),
            )
        )
    if statement.cooperative_phone:
        lines.append(_("有不对的地方，请打 %(phone)s。", phone=statement.cooperative_phone))
    return lines


def paper_data(statement: Statement) -> dict[str, Any]:
    """What `templates/papers/statement.typ` prints."""
    before, after = first_sentence(statement.headline)
    return {
        "title": _("农户对账单"),
        "number": f"DZ-{statement.code}-{day_of(statement.as_of):%Y%m%d}",
        "issuer": statement.cooperative,
        "lang": language(),
        "head": [
            [_("农户"), f"{statement.name}（{statement.village}）"],
            [_("户码"), statement.code],
            [_("合作社"), f"{statement.cooperative} {statement.cooperative_phone}".strip()],
            [_("截至"), moment(statement.as_of)],
        ],
        "link": "",
        "qr_note": "",
        **_page_words(),
        "sentence": [before, yuan_text(statement.headline.amount), after],
        "figures_note": _("三个数字各说各的，不能相加；对应销售额不是收入。"),
        "figures": [
            [_("已付鲜叶款"), yuan_text(statement.leaf_paid)],
            [_("二次返利"), yuan_text(statement.second_payment)],
            [_("对应销售额"), yuan_text(statement.attributed)],
        ],
        "sections": _sections(statement),
    }


def _sections(statement: Statement) -> list[dict[str, Any]]:
    return [
        {
            "title": _("送来的货"),
            "empty": _("还没有投售记录。"),
            "columns": [
                _column(_("日期"), 3),
                _column(_("品名和等级"), 4),
                _column(_("重量"), 2, right=True),
                _column(_("单价（元/公斤）"), 2, right=True),
                _column(_("货值"), 2, right=True),
                _column(_("付款"), 2),
            ],
            "rows": [
                [
                    day(one.on),
                    f"{one.name} {one.grade}".strip(),
                    kg(one.grams),
                    yuan_text(one.fen_per_kg),
                    yuan_text(one.value),
                    label(one.payment),
                ]
                for one in statement.brought
            ],
        },
        {
            "title": _("卖出的货"),
            "empty": _("还没有卖出。"),
            "columns": [
                _column(_("批次"), 4),
                _column(_("商品"), 4),
                _column(_("已卖出"), 2, right=True),
                _column(_("二次返利"), 2, right=True),
                _column(_("对应销售额"), 2, right=True),
            ],
            "rows": [
                [
                    one.number,
                    either(one.name, one.name_en),
                    f"{one.sold_units}/{one.units} {either(one.unit, one.unit_en)}",
                    yuan_text(one.second_payment),
                    yuan_text(one.attributed),
                ]
                for one in statement.sold
            ],
        },
        {
            "title": _("退回来的货"),
            "empty": _("没有退货。"),
            "columns": [_column(_("退货"), 1)],
            "rows": [[line] for line in came_back(statement.sent_back, statement.covered)],
        },
        {
            "title": _("寄售还没卖完的"),
            "empty": _("没有寄售的货，或都卖完了。"),
            "columns": [
                _column(_("批次"), 4),
                _column(_("品名"), 4),
                _column(_("现在是"), 2),
                _column(_("约定价值"), 2, right=True),
            ],
            "rows": [
                [one.number, one.name, label(one.kind), yuan_text(one.value)]
                for one in statement.unsold
            ],
        },
        {
            "title": _("打到卡上的钱"),
            "empty": _("还没有打过款。"),
            "columns": [
                _column(_("日期"), 3),
                _column(_("卡尾号"), 2),
                _column(_("结果"), 4),
                _column(_("金额"), 2, right=True),
            ],
            "rows": [
                [
                    day(one.on),
                    one.last4,
                    f"{label(one.state)} {one.reason}".strip(),
                    yuan_text(one.amount),
                ]
                for one in statement.paid_out
            ],
        },
    ]


def _column(name: str, width: int, *, right: bool = False) -> dict[str, Any]:
    return {"name": name, "width": width, "right": right}


def _filled(headline: Headline, amount: str) -> str:
    on = day(headline.day) if headline.day else ""
    return str(_(headline.situation.label) % {"amount": amount, "day": on, "last4": headline.last4})


def _page_words() -> dict[str, str]:
    before, _number, after = _("第 # 页").partition(" # ")
    return {"page_word": before, "page_end": after}


def _said(amount: Money) -> str:
    return spoken(amount) if language() == "zh" else yuan_text(amount)
