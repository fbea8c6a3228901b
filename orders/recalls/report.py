"""The report of a recall or drill: one workbook with every tracing event and key data of its lots.

Households stand in it under their pseudonyms, by name only for those who may see them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from orders.recalls import backward, queries, reach
from orders.recalls.backward import DeliveryBehind
from orders.recalls.rows import NoticeRow, ReachedLot, RecalledLot, RecallPage
from products.lots import lineage
from products.lots.models import Lot
from shop.core.actors import Actor
from shop.core.clock import SHANGHAI
from shop.core.events import Event
from shop.core.weight import kg_text
from shop.printing.rows import Cell, Sheet
from shop.web.filters import seconds


def report(tx: Session, recall_id: str, actor: Actor) -> tuple[str, list[Sheet]]:
    """The number of a recall and its sheets, in the order they are read.

    Raises:
        NotFound, NotAllowed: see `queries.recall`.
    """
    page = queries.recall(tx, recall_id, actor)
    keys = [one.lot.id for one in page.lots]
    everything = lineage.keys(
        tx, lineage.backward(select(Lot.id.label("lot_id")).where(Lot.id.in_(keys)))
    )
    behind = reach.lots_by_key(tx, everything)
    deliveries = backward.deliveries(tx, everything, actor)
    return page.row.number, [
        _summary(page, len(deliveries)),
        _lots(page, behind, set(keys), backward.steps(tx, everything)),
        _inputs(page, behind, backward.edges(tx, everything)),
        _deliveries(page, deliveries),
        _orders(page),
        _stock(page),
        _followed(page),
        _timeline(tx, page, [lot.public_id for lot in behind]),
    ]


def phones(page: RecallPage) -> Sheet:
    """Whom to call: every buyer who has not answered first, with telephone and units."""
    return _sheet(
        page,
        _("电话名单"),
        [
            _("买方"), _("收货人"), _("电话"), _("地址"), _("订单"), _("合作社"), _("货"),
            _("收到件数"), _("待发件数"), _("状态"), _("备注"),
        ],
        [
            [
                one.order.who, one.order.recipient, one.order.phone, one.order.address,
                one.order.number, one.cooperative, one.order.goods, one.units, one.waiting_units,
                _(one.state.label), "",
            ]
            for one in page.to_buyers
            if one.order is not None
        ],
    )  # fmt: skip


def _sheet(
    page: RecallPage,
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Cell]],
) -> Sheet:
    kind = _("演练（不冻结，不对外通知）") if page.row.drill else _("召回")
    return Sheet(
        title=title,
        notes=[
            (_("单号"), page.row.number),
            (_("性质"), kind),
            (_("行数"), str(len(rows))),
        ],
        columns=columns,
        rows=rows,
    )


def _summary(page: RecallPage, deliveries: int) -> Sheet:
    row = page.row
    facts: list[list[Cell]] = [
        [_("从哪里开始"), f"{_(row.scope.label)} {row.began_with}"],
        [_("原因"), f"{_(row.reason_kind.label)}：{row.reason}"],
        [_("请买到的人怎么做"), row.advice],
        [_("状态"), _(row.state.label)],
        [_("发起时间"), _at(row.opened_at)],
        [_("结束时间"), _at(row.ended_at)],
        [_("结论"), row.ending],
        [_("批次"), len(page.lots)],
        [_("农户"), row.households],
        [_("投售"), deliveries],
        [_("订单"), len(page.to_buyers)],
        [_("到买方手里的件数"), page.units],
        [_("已有下落"), page.accounted],
        [_("没有回复的订单"), page.unanswered],
    ]
    facts += [[_(fate.label), units] for fate, units in page.fates.items()]
    if row.elapsed_ms is not None:
        facts.append([_("查清并出齐名单用时（秒）"), seconds(row.elapsed_ms)])
    return _sheet(page, _("概要"), [_("项目"), _("内容")], facts)


def _lots(
    page: RecallPage, behind: Sequence[ReachedLot], reached: set[int], done: dict[int, str]
) -> Sheet:
    return _sheet(
        page,
        _("批次"),
        [
            _("批次"), _("步骤"), _("货"), _("合作社"), _("在召回范围"), _("重量（公斤）"),
            _("采收从"), _("采收到"), _("记录时间"), _("保质期到"), _("合格证"), _("溯源码"),
            _("工序"),
        ],
        [
            [
                lot.number, _(lot.kind.label), lot.goods, lot.cooperative,
                _("是") if lot.id in reached else _("上游"), kg_text(lot.grams),
                lot.harvest_from.isoformat(), lot.harvest_to.isoformat(), _at(lot.made_at),
                lot.best_before.isoformat() if lot.best_before else "", lot.certificate,
                lot.trace_code, done.get(lot.id, ""),
            ]
            for lot in behind
        ],
    )  # fmt: skip


def _inputs(
    page: RecallPage, behind: Sequence[ReachedLot], edges: Sequence[tuple[int, int, int]]
) -> Sheet:
    numbers = {lot.id: lot.number for lot in behind}
    return _sheet(
        page,
        _("投料"),
        [_("做成的批次"), _("用到的批次"), _("用了（公斤）")],
        [[numbers[child], numbers[parent], kg_text(grams)] for child, parent, grams in edges],
    )


def _deliveries(page: RecallPage, deliveries: Sequence[DeliveryBehind]) -> Sheet:
    return _sheet(
        page,
        _("投售与农户"),
        [
            _("批次"), _("时间"), _("农户"), _("村"), _("地块"), _("货"), _("净重（公斤）"),
            _("合格证"),
        ],
        [
            [
                one.number, _at(one.at), one.household, one.village, one.plot, one.goods,
                kg_text(one.grams), one.certificate,
            ]
            for one in deliveries
        ],
    )  # fmt: skip


def _orders(page: RecallPage) -> Sheet:
    return _sheet(
        page,
        _("订单与收货"),
        [
            _("订单"), _("采购单"), _("买方"), _("收货人"), _("电话"), _("地址"), _("合作社"),
            _("货"), _("批次"), _("占用件数"), _("已发"), _("召回时在买方手里"), _("待发"),
            _("系统里已退货"), _("状态"),
        ],
        [
            [
                one.order.number, one.order.purchase, one.order.who, one.order.recipient,
                one.order.phone, one.order.address, one.cooperative, one.order.goods,
                "、".join(one.order.lots), one.order.units, one.order.shipped_units, one.units,
                one.waiting_units, one.order.returned_units, _(one.order.state.label),
            ]
            for one in page.to_buyers
            if one.order is not None
        ],
    )  # fmt: skip


def _stock(page: RecallPage) -> Sheet:
    def row(one: RecalledLot) -> list[Cell]:
        lot = one.lot
        return [
            lot.number, lot.goods, lot.cooperative, kg_text(one.left_grams),
            "" if lot.packed else kg_text(lot.left_grams), one.left_units, lot.units_free,
            lot.reserved_units, lot.shipped_units, lot.written_off_units,
            _("已冻结") if lot.freezes else "", _at(one.spared_at), one.spared_because,
        ]  # fmt: skip

    return _sheet(
        page,
        _("库存"),
        [
            _("批次"), _("货"), _("合作社"), _("召回时剩（公斤）"), _("现在剩（公斤）"),
            _("召回时可售件数"), _("现在可售件数"), _("已订未发"), _("已发"), _("报损和销毁"),
            _("冻结"), _("单批解冻"), _("解冻原因"),
        ],
        [row(one) for one in page.lots],
    )  # fmt: skip


def _followed(page: RecallPage) -> Sheet:
    def who(one: NoticeRow) -> str:
        return one.order.number if one.order else one.cooperative

    return _sheet(
        page,
        _("跟进"),
        [
            _("订单或合作社"), _("时间"), _("经手人"), _("怎么联系的"), _("结果"), _("件数"),
            _("说明"),
        ],
        [
            *(
                [who(one), _at(one.told_at), "", _("本站通知"), _("已通知"), "", ""]
                for one in page.notices
            ),
            *(
                [
                    who(one), _at(line.at), line.by, _(line.channel.label), _(line.fate.label),
                    line.units, line.words,
                ]
                for one in page.notices
                for line in one.entries
            ),
        ],
    )  # fmt: skip


def _timeline(tx: Session, page: RecallPage, behind_ids: Sequence[str]) -> Sheet:
    """Every event of the lots and of the recall, as kept for the proof, oldest first."""
    events = tx.execute(
        select(Event.at, Event.kind, Event.thing, Event.facts, Event.digest)
        .where(or_(Event.thing.in_(behind_ids), Event.thing == page.row.public_id))
        .order_by(Event.at, Event.id)
    )
    return _sheet(
        page,
        _("事件"),
        [_("时间"), _("事件"), _("编号"), _("内容"), _("摘要")],
        [
            [
                _at(event.at),
                event.kind,
                event.thing,
                json.dumps(json.loads(event.facts)["facts"], ensure_ascii=False),
                event.digest.hex(),
            ]
            for event in events
        ],
    )


def _at(moment: datetime | None) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}" if moment else ""
