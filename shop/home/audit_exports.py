"""The auditor's files: what was filtered, how many rows, what they sum to, and their hash."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache

from flask_babel import gettext as _

from shop.core.clock import SHANGHAI
from shop.core.money import total
from shop.home.audit_queries import Act, ActFilter
from shop.home.audit_words import kind_word
from shop.home.journal_queries import JournalFilter, TransferRow
from shop.printing.rows import Sheet
from shop.web.filters import label


def acts_sheet(acts: Sequence[Act], wanted: ActFilter) -> Sheet:
    """Acts as rows; names of households stay masked."""
    # A year has thousands of acts and a few dozen words: each is translated once.
    word = cache(_)
    asked = [
        *_days(wanted.since, wanted.until),
        (_("事项"), _(kind_word(wanted.kind)) if wanted.kind else _("全部")),
        (_("单位"), wanted.organisation or _("全部")),
        (_("经手人"), wanted.person or _("全部")),
    ]
    return Sheet(
        title=_("操作记录"),
        notes=[*asked, (_("行数"), str(len(acts)))],
        columns=[
            _("时间"),
            _("经手人"),
            _("单位"),
            _("事项"),
            _("编号"),
            _("动作"),
            _("从"),
            _("到"),
            _("理由"),
            _("附注"),
        ],
        rows=[
            [
                _at(act.at),
                act.who,
                act.organisation,
                word(act.kind),
                act.thing,
                word(act.action),
                word(act.from_state) if act.from_state else "",
                word(act.to_state) if act.to_state else "",
                act.reason,
                "；".join(f"{word(fact.name)}={fact.value}" for fact in act.facts),
            ]
            for act in acts
        ],
    )


def transfers_sheet(transfers: Sequence[TransferRow], wanted: JournalFilter) -> Sheet:
    """Transfers as rows; the total stands above them."""
    asked = [
        *_days(wanted.since, wanted.until),
        (_("事项"), label(wanted.kind) if wanted.kind else _("全部")),
        (_("事项编号"), wanted.about or _("全部")),
    ]
    return Sheet(
        title=_("划转明细"),
        notes=[
            *asked,
            (_("行数"), str(len(transfers))),
            (_("合计（元）"), str(total([one.amount for one in transfers]))),
        ],
        columns=[
            _("凭证"),
            _("事项"),
            _("事项编号"),
            _("发生时间"),
            _("序号"),
            _("借方科目"),
            _("借方"),
            _("贷方科目"),
            _("贷方"),
            _("金额（元）"),
        ],
        rows=[
            [
                one.journal_id,
                label(one.kind),
                one.about,
                _at(one.effective_at),
                one.position,
                label(one.debit),
                one.debit_owner.words,
                label(one.credit),
                one.credit_owner.words,
                one.amount,
            ]
            for one in transfers
        ],
    )


def _days(since: date | None, until: date | None) -> list[tuple[str, str]]:
    return [
        (_("从"), since.isoformat() if since else _("最早")),
        (_("到"), until.isoformat() if until else _("最近")),
    ]


def _at(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
