"""The letters of a recall: one page for every buyer, all in one file."""

from __future__ import annotations

from typing import Any

from orders.recalls.rows import NoticeRow, RecallPage
from shop.config import Config
from shop.core.clock import day_of
from shop.printing import pdf


def letters(page: RecallPage, shop: Config) -> bytes:
    """A letter (召回通知书) for every order of a recall, as PDF; a drill's say so."""
    row = page.row
    told = day_of(row.opened_at)
    return pdf.render(
        "recall_letters",
        {
            "title": "召回通知书（演练）" if row.drill else "召回通知书",
            "number": row.number,
            "issuer": "山货",
            "lang": "zh",
            "day": f"{told.year}年{told.month}月{told.day}日",
            "drill": "这是演练，请不要处理货物。" if row.drill else "",
            "letters": [_letter(page, one, shop) for one in page.to_buyers if one.order],
            "empty": "没有到买方手里的货，不用寄通知书。",
        },
    )


def _letter(page: RecallPage, one: NoticeRow, shop: Config) -> dict[str, Any]:
    row, order = page.row, one.order
    assert order is not None
    link = f"{shop.public_url}/recalls/{row.public_id}/for/{order.purchase_id}"
    facts = [
        ["买方", order.who],
        ["收货人", f"{order.recipient}　{order.phone}"],
        ["地址", order.address],
        ["采购单", order.purchase],
        ["订单", order.number],
        ["供货方", order.cooperative],
        ["商品", order.goods],
        ["批次", "、".join(order.lots)],
        ["已到您手里", f"{one.units} 件"],
    ]
    if one.waiting_units:
        facts.append(["还没有发出", f"{one.waiting_units} 件，已停止发货"])
    return {
        "greeting": f"{order.who}：",
        "opening": "您买的下列商品正在召回，请照下面说的做。",
        "facts": facts,
        "clauses": [
            f"为什么：{row.reason_kind.label}。{row.reason}",
            f"请您：{row.advice}",
            f"请回复：扫右上角的码，或打电话 {shop.support_phone}，告诉我们手里还有多少件。",
            "已经付的货款，退货以后原路退回。",
        ],
        "qr": pdf.qr_svg(link),
        "qr_note": "扫码回复",
        "closing": "山货平台",
    }
