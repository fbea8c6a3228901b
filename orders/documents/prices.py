"""What the prices on a contract pay for, as plain data: a bar and a row of parts for each line."""

from __future__ import annotations

from orders.documents import phrases
from orders.documents.phrases import Data
from orders.purchasing.rows import LineRow, OrderRow

PART_NAMES = {
    "households": "农户份额",
    "processing": "加工",
    "packing": "包装",
    "freight": "运费",
    "cooperative": "合作社",
    "platform": "平台服务费",
    "tax": "税",
}


def paid_for(order: OrderRow) -> Data:
    """The section 每件的钱付给谁 of a contract; the parts of each row sum to its price."""
    return {
        "parts_title": "二、每件的钱付给谁",
        "parts_columns": [
            phrases.column("品名规格", 2),
            *(phrases.column(name, 1, right=True) for name in PART_NAMES.values()),
            phrases.column("单价", 1, right=True),
        ],
        "parts_rows": [
            [
                line.name,
                *(phrases.plain(part.amount) for part in line.parts),
                phrases.plain(line.price),
            ]
            for line in order.lines
        ],
        "bars": [
            {
                "name": f"{line.name}　{phrases.figures(line.price)}",
                "parts": [part.amount.fen for part in line.parts],
            }
            for line in order.lines
        ],
        "bar_names": list(PART_NAMES.values()),
        "parts_notes": [note for line in order.lines for note in _made_of(line)],
    }


def _made_of(line: LineRow) -> list[str]:
    """How the price of a line came about, and at which rate its tax is."""
    steps = [
        f"{word} {phrases.plain(amount)}"
        for word, amount in (
            ("减阶梯价", line.ladder_off),
            ("减优惠", line.discount),
            ("加收运费", line.surcharge),
        )
        if amount
    ]
    rate = f"税率 {line.tax_rate_bp // 100}%，税已含在单价里" if line.tax_rate_bp else "免税"
    made = "".join(f"，{step}" for step in steps)
    return [f"{line.name}：原价 {phrases.plain(line.list_price)} 元{made}；{rate}。"]
