"""What each paper says, as plain data for its typst source.

Papers are Chinese whatever the reader's language: they are filed with Chinese accountants, and a
paper has the same bytes whoever prints it.
"""

from __future__ import annotations

from collections.abc import Sequence

from orders.documents import phrases
from orders.documents.phrases import Data
from orders.documents.prices import PART_NAMES, paid_for
from orders.documents.queries import HouseholdEarned, PaperRow, Party
from orders.purchasing.rows import OrderRow, PurchaseRow
from orders.purchasing.states import PaymentTerms
from orders.shipments.queries import AcceptanceRow, CountedLine, ShipmentRow
from orders.tracking.queries import Track
from products.proofs.queries import CheckpointRow
from shop.config import Config
from shop.core.money import ZERO, Money, total


def contract(paper: PaperRow, track: Track, order: OrderRow, people: dict[int, Party]) -> Data:
    """采购合同 between a union and one cooperative, from the approved order."""
    purchase = track.purchase
    buyer, seller = people[purchase.union_id or 0], people[order.cooperative_id]
    return {
        **phrases.head(
            paper, "采购合同", (("采购单号", purchase.number), ("订单号", order.number))
        ),
        "buyer": phrases.party("甲方（采购方）", buyer),
        "seller": phrases.party("乙方（供货方）", seller),
        "goods_title": "一、货物与价款",
        **_priced_goods(order),
        "amount": phrases.amount("合同总价", order.total),
        **paid_for(order),
        "clauses_title": "三、约定",
        "clauses": [*_clauses(purchase, order), *_changes(track, order)],
        "signatures": [phrases.sign("甲方代表"), phrases.sign("乙方代表")],
        "seals": ["甲方（盖章）", "乙方（盖章）"],
    }


def delivery_note(
    paper: PaperRow, track: Track, shipment: ShipmentRow, order: OrderRow, seller: Party
) -> Data:
    """送货单 with the packing list of one shipment, by lot."""
    purchase = track.purchase
    rows = [
        [
            str(place),
            line.name,
            line.lot_number,
            phrases.day_of(line.best_before),
            line.unit,
            str(line.units),
        ]
        for place, line in enumerate(shipment.lines, start=1)
    ]
    units = str(sum(line.units for line in shipment.lines))
    return {
        **phrases.head(
            paper,
            "送货单",
            (
                ("采购单号", purchase.number),
                ("订单号", order.number),
                ("承运", f"{shipment.carrier}　运单号 {shipment.waybill or '（无）'}"),
                ("件数", f"{shipment.parcels} 件"),
            ),
        ),
        "sender": phrases.party("发货方", seller),
        "receiver": {
            "title": "收货方",
            "facts": [
                ["名称", purchase.union_name or purchase.recipient],
                ["收货人", purchase.recipient],
                ["电话", purchase.phone],
                ["地址", purchase.address],
            ],
        },
        "goods_title": "装箱单",
        "columns": [
            phrases.column("序号"),
            phrases.column("品名规格", 3),
            phrases.column("批次", 2),
            phrases.column("保质期至", 2),
            phrases.column("单位"),
            phrases.column("数量", right=True),
        ],
        "rows": rows,
        "total_row": ["", "合计", "", "", "", units],
        "notes_title": "收货须知",
        "notes": [
            "请当面清点件数，外包装破损请在本单注明并拍照。",
            "单位采购由两位同事清点签字，短少和破损写入验收单，货款退回。",
            "每盒上的溯源码可查产地、批次和农户。",
        ],
        "signatures": [phrases.sign("发货人"), phrases.sign("承运人"), phrases.sign("收货人")],
        "seals": ["发货方（盖章）"],
    }


def acceptance_record(
    paper: PaperRow, track: Track, acceptance: AcceptanceRow, order: OrderRow, seller: Party
) -> Data:
    """验收单: what was sent, accepted, short and damaged, and who signed."""
    purchase = track.purchase
    shipment = next(s for s in track.shipments if s.id == acceptance.shipment_id)
    lines = acceptance.lines
    return {
        **phrases.head(
            paper,
            "验收单",
            (
                ("采购单号", purchase.number),
                ("订单号", order.number),
                ("送货单号", shipment.number),
            ),
        ),
        "buyer": {
            "title": "验收方",
            "facts": [
                ["名称", purchase.union_name or purchase.recipient],
                ["收货地址", purchase.address],
            ],
        },
        "seller": phrases.party("供货方", seller),
        "goods_title": "验收明细",
        "columns": [
            phrases.column("序号"),
            phrases.column("品名规格", 3),
            phrases.column("单位"),
            phrases.column("送货", right=True),
            phrases.column("合格", right=True),
            phrases.column("短少", right=True),
            phrases.column("破损", right=True),
            phrases.column("单价（元）", right=True),
            phrases.column("验收金额（元）", right=True),
        ],
        "rows": [_counted(place, line) for place, line in enumerate(lines, start=1)],
        "total_row": [
            "",
            "合计",
            "",
            str(sum(line.delivered for line in lines)),
            str(sum(line.accepted for line in lines)),
            str(sum(line.short for line in lines)),
            str(sum(line.damaged for line in lines)),
            "",
            phrases.plain(acceptance.value),
        ],
        "amount": phrases.amount("验收金额", acceptance.value),
        "conclusion_title": "验收结论",
        "conclusion": _conclusion(acceptance),
        "signatures": _signers(acceptance),
        "seals": ["验收方（盖章）"],
    }


def settlement_sheet(
    paper: PaperRow,
    track: Track,
    households: Sequence[HouseholdEarned],
    checkpoint: CheckpointRow | None,
) -> Data:
    """结算单: what was paid, what each part of the price came to, and which households got what.

    With a checkpoint of the log, so that every sheet in a drawer is a copy kept outside.
    """
    purchase = track.purchase
    signed = [a for a in track.acceptances if a.signed_at]
    accepted = total([a.value for a in signed])
    sent_back = total([r.value for r in track.returns])
    cancelled = total([c.value for c in track.cancellations])
    refunded = total([r.amount for r in track.refunds])
    parts = _parts_of(track)
    settled = total([amount for _name, amount in parts])
    return {
        **phrases.head(paper, "结算单", (("采购单号", purchase.number),)),
        "facts": [
            ["采购方", purchase.union_name or "个人"],
            ["供货方", "、".join(order.cooperative for order in track.orders)],
            ["已付货款", phrases.figures(track.progress.facts.paid)],
            *([["取消金额", phrases.figures(cancelled)]] if cancelled else []),
            ["验收金额", phrases.figures(accepted)],
            ["退货金额", phrases.figures(sent_back)],
            ["退回款项", phrases.figures(refunded)],
            ["发票号码", "、".join(i.number for i in track.invoices) or "（未登记）"],
        ],
        "parts_title": "一、货款构成",
        "parts_columns": [phrases.column("项目", 2), phrases.column("金额（元）", 1, right=True)],
        "parts_rows": [[name, phrases.plain(amount)] for name, amount in parts],
        "parts_total": ["合计", phrases.plain(settled)],
        "amount": phrases.amount("结算货款", settled),
        "households_title": "二、到户明细",
        "households_empty": "本单还没有分到农户的款项。",
        "households_columns": [
            phrases.column("序号"),
            phrases.column("农户", 2),
            phrases.column("村", 2),
            phrases.column("批次", 3),
            phrases.column("农户份额（元）", 2, right=True),
            phrases.column("冲抵已付鲜叶款（元）", 2, right=True),
            phrases.column("二次返利（元）", 2, right=True),
        ],
        "households_rows": [
            _household(place, row) for place, row in enumerate(households, start=1)
        ],
        "households_total": [
            "",
            "合计",
            "",
            "",
            *(
                phrases.plain(total([getattr(row.earned, key) for row in households]))
                for key in ("share", "set_off", "second")
            ),
        ],
        "notes_title": "说明",
        "notes": [
            "农户份额按各户投入该批次的鲜叶价值分配，精确到分，合计等于货款构成中的农户份额。",
            "收购时已当场付清的鲜叶款由合作社垫付，先从农户份额中冲抵给合作社；其余为二次返利，付给农户。",
            "农户姓名已隐去；未同意公开的农户不列村名。",
            *phrases.kept_outside(checkpoint),
        ],
        "seals": ["平台（盖章）", "采购方（盖章）"],
    }


def payment_slip(paper: PaperRow, track: Track, shop: Config) -> Data:
    """付款通知单: where to pay, how much, with which code; the whole purchase on one sheet."""
    purchase = track.purchase
    due = track.progress.to_pay or track.progress.facts.total
    rows = [
        [str(place), order.cooperative, order.number, phrases.plain(order.kept)]
        for place, order in enumerate(track.orders, start=1)
    ]
    return {
        **phrases.head(
            paper,
            "付款通知单",
            (("采购单号", purchase.number), ("付款人", purchase.union_name or purchase.buyer)),
        ),
        "large": [
            ["收款户名", shop.custody_name],
            ["收款账号", shop.custody_account],
            ["开户行", shop.custody_bank],
            ["附言（识别码）", purchase.reference],
        ],
        "amount": phrases.amount("付款金额", due),
        "goods_title": "所含订单",
        "columns": [
            phrases.column("序号"),
            phrases.column("供货方", 2),
            phrases.column("订单号", 2),
            phrases.column("金额（元）", 1, right=True),
        ],
        "rows": rows,
        "total_row": ["", "合计", "", phrases.plain(track.progress.facts.total)],
        "notes_title": "付款须知",
        "notes": [
            "附言请只写识别码，到账后按识别码自动认领。",
            "收款账户是银行监管账户，货款在验收前不归任何一方。",
            f"付款方式：{purchase.terms.label}。",
        ],
        "signatures": [phrases.sign("经办人"), phrases.sign("审核人"), phrases.sign("出纳")],
    }


def _priced_goods(order: OrderRow) -> Data:
    return {
        "columns": [
            phrases.column("序号"),
            phrases.column("品名规格", 3),
            phrases.column("单位"),
            phrases.column("数量", right=True),
            phrases.column("单价（元）", 1, right=True),
            phrases.column("金额（元）", 1, right=True),
        ],
        "rows": [
            [
                str(place),
                line.name,
                line.unit,
                str(line.units),
                phrases.plain(line.price),
                phrases.plain(line.amount),
            ]
            for place, line in enumerate(order.lines, start=1)
        ],
        "total_row": [
            "",
            "合计",
            "",
            str(sum(line.units for line in order.lines)),
            "",
            phrases.plain(order.total),
        ],
    }


def _clauses(purchase: PurchaseRow, order: OrderRow) -> list[str]:
    paying = (
        "甲方在发货前付清货款。"
        if purchase.terms is PaymentTerms.BEFORE
        else "甲方在验收合格后 30 日内付清货款，最长不超过 60 日。"
    )
    fresh = (
        "本单含鲜活易腐货物，不适用七日无理由退货；到货当日发现的质量问题除外。"
        if order.fresh
        else "验收后发现质量问题的，甲方可以登记退货，货款按原单价退回。"
    )
    return [
        f"交货：乙方送到 {purchase.address}，收货人 {purchase.recipient}，电话 {purchase.phone}。",
        "验收：由甲方两人清点签字，短少和破损写入验收单，按原单价退款或补发。",
        f"付款：{paying}货款以对公转账付入监管账户，附言写识别码 {purchase.reference}。",
        "发票：乙方按货物具体品名和实际金额开具发票，品名与本合同一致。",
        "溯源：每件货物附溯源码，可查到批次、承诺达标合格证和供货农户。",
        fresh,
        "本合同一式两份，双方各执一份，盖章后生效。争议由双方协商，协商不成由甲方所在地法院管辖。",
    ]


def _changes(track: Track, order: OrderRow) -> list[str]:
    """What was given up since of a contract, which itself stays as it was signed."""
    changes = [
        f"变更：{phrases.day(row.at)}{row.side.label}取消"
        f"{'、'.join(f'{name} {units}' for name, _name_en, units in row.goods)}，"
        f"合同价款减少 {phrases.figures(row.value)}（取消单 {row.number}），单价和其余约定不变。"
        for row in track.cancellations
        if row.order_id == order.id
    ]
    return [*changes, f"变更后合同价款为 {phrases.figures(order.kept)}。"] if changes else []


def _counted(place: int, line: CountedLine) -> list[str]:
    name = f"{line.name}（{line.note}）" if line.note else line.name
    counts = (line.delivered, line.accepted, line.short, line.damaged)
    return [
        str(place),
        name,
        line.unit,
        *map(str, counts),
        phrases.plain(line.price),
        phrases.plain(line.value),
    ]


def _conclusion(acceptance: AcceptanceRow) -> list[str]:
    missing = sum(line.short + line.damaged for line in acceptance.lines)
    words = [
        "数量与送货单一致，外观、包装和标签完好，同意验收。"
        if not missing
        else f"合格部分同意验收；短少和破损共 {missing} 件，不计入验收金额，已付货款退回。"
    ]
    return [*words, f"验收意见：{acceptance.note}"] if acceptance.note else words


def _signers(acceptance: AcceptanceRow) -> list[Data]:
    if not acceptance.second_signer:
        name = acceptance.first_signer or "到期视为收货"
        return [{"title": "收货确认", "name": name, "day": phrases.day(acceptance.first_signed_at)}]
    return [
        {
            "title": "经手人",
            "name": acceptance.first_signer,
            "day": phrases.day(acceptance.first_signed_at),
        },
        {
            "title": "证明人",
            "name": acceptance.second_signer,
            "day": phrases.day(acceptance.signed_at),
        },
        phrases.sign("工会主席"),
    ]


def _parts_of(track: Track) -> list[tuple[str, Money]]:
    """What each part of the price came to over all units accepted and kept."""
    sums = dict.fromkeys(PART_NAMES, ZERO)
    for line in (line for order in track.orders for line in order.lines):
        kept = sum(lot.accepted_units - lot.returned_units for lot in line.lots)
        for part in line.parts:
            sums[part.key] += part.amount * kept
    return [(PART_NAMES[key], amount) for key, amount in sums.items() if amount]


def _household(place: int, row: HouseholdEarned) -> list[str]:
    earned = row.earned
    return [
        str(place),
        row.name or "未公开",
        row.village or "—",
        row.lot_number,
        phrases.plain(earned.share),
        phrases.plain(earned.set_off),
        phrases.plain(earned.second),
    ]
