"""What a printed certificate says, on a sheet or on a sticker (承诺达标合格证)."""

from __future__ import annotations

from typing import Any

import segno

from products.certificates.states import CertificateKind, PromiseBasis
from products.quality.rows import CertificateRow, Promise
from products.quality.rules import Paper
from shop.core.weight import kg_text
from shop.web.filters import mask


def certificate_data(
    promise: Promise, row: CertificateRow, paper: Paper, count: int, *, link: str
) -> dict[str, Any]:
    """What `templates/papers/certificate.typ` prints: `count` equal certificates.

    The law gives its fields, Chinese in every language of the page. A household's name stands in
    full on the sheet it signs and the cooperative keeps; on a sticker, which goes out with the
    goods, only as far as it consents.

    Args:
        link: the public page, as the QR code holds it.
    """
    modules = segno.make(link, error="m", micro=False).symbol_size(border=4)[0]
    on = promise.issued_on
    own = promise.kind is CertificateKind.ISSUED
    small = paper.on_a_page == 1
    return {
        "width": paper.width_mm,
        "height": paper.height_mm,
        "columns": paper.columns,
        "rows": paper.rows,
        "page_width": paper.page_width_mm,
        "page_height": paper.page_height_mm,
        "count": count,
        "link": link,
        "picture_half_mm": modules,
        "small": small,
        "title": "承诺达标合格证",
        "number": promise.number,
        "promises_title": "我承诺，这批农产品：",
        "promises": [
            "没有用过国家禁用、停用的农药兽药和不许用的添加物；",
            "常规农药兽药的残留没有超过国家标准；",
            "对以上承诺的真实性负责。",
        ],
        "basis_title": "承诺依据",
        "basis": [[basis.label, basis is promise.basis] for basis in PromiseBasis],
        "facts": [
            ["产品名称", promise.goods],
            ["数量（重量）", f"{kg_text(promise.grams)} 公斤" if promise.grams else "见原证"],
            ["产地", f"{promise.province}{promise.county}"],
            ["生产者", promise.cooperative if own else _producer(promise, row, small)],
            ["联系方式", f"{promise.cooperative} {promise.phone}".strip()],
            ["开具日期", f"{on.year}年{on.month}月{on.day}日"],
        ],
        "sign": "生产者盖章或签名",
        "caption": "扫码看承诺达标合格证",
    }


def _producer(promise: Promise, row: CertificateRow, small: bool) -> str:
    if not small:
        return row.household or ""
    return f"{promise.village} {mask(promise.producer)}" if promise.producer else "本村农户"
