"""The mass balance as a file: every line in grams, with what the filter was."""

from __future__ import annotations

from flask_babel import gettext as _

from products.lots.balance_rows import Balance, Made
from products.lots.states import Season
from shop.core.weight import kg_text
from shop.printing.rows import Cell, Sheet
from shop.web.filters import label


def sheet(balance: Balance, cooperative: str, year: int, season: Season) -> Sheet:
    """One row for each kind of lot, goods and grade; the sums stand above, for comparing."""
    sums = [
        (
            label(stage.category),
            _(
                "采收 %(harvested)s，制成 %(made)s，装成 %(packed)s，"
                "发出 %(sold)s，还剩 %(left)s（公斤）",
                **{name: kg_text(grams) for name, grams in stage.sums._asdict().items()},
            ),
        )
        for stage in balance.stages
    ]
    return Sheet(
        title=_("物料平衡"),
        notes=[
            (_("合作社"), cooperative),
            (_("年份"), str(year)),
            (_("季节"), label(season)),
            *sums,
            (_("对不上的批次"), str(len(balance.wrong))),
            (_("投料比不寻常的批次"), str(len(balance.odd))),
            (_("超过地力的农户"), str(len(balance.over))),
            (_("行数"), str(len(balance.made))),
        ],
        columns=_columns(),
        rows=[_row(one) for one in balance.made],
    )


def _columns() -> list[str]:
    return [
        _("品类"),
        _("步骤"),
        _("品名"),
        _("等级"),
        _("批数"),
        _("投料（克）"),
        _("重量（克）"),
        _("已用（克）"),
        _("损耗（克）"),
        _("已发（克）"),
        _("已订未发（克）"),
        _("报损（克）"),
        _("还剩（克）"),
        _("相差（克）"),
        _("投料与出料之比"),
    ]


def _row(one: Made) -> list[Cell]:
    return [
        label(one.category),
        label(one.kind),
        one.goods,
        one.grade,
        one.lots,
        one.taken,
        one.grams,
        one.out,
        one.gone,
        one.sold,
        one.reserved,
        one.written_off,
        one.left,
        one.difference,
        one.ratio,
    ]
