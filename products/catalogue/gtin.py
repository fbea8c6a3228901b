"""The GTIN of a specification (商品条码): given once, when the first lot of it is packed."""

from __future__ import annotations

from sqlalchemy.orm import Session
from stdnum import ean

from products.catalogue.models import Specification
from shop.core.errors import Refusal
from shop.core.labels import N_
from shop.core.numbering import next_in_row
from shop.core.policy import policy


class GtinsUsedUp(Refusal):
    """A company prefix leaves room for so many goods and no more."""

    code = "gtins_used_up"
    sentence = N_("商品条码的号段用完了，请平台向编码中心申请新的厂商识别代码。")


def gtin_of(tx: Session, specification: Specification) -> str:
    """The specification's GTIN as 14 digits, given now if it has none.

    Numbers follow each other within the company prefix, under the lock of their series.

    Raises:
        GtinsUsedUp: the prefix has no number left.
    """
    if specification.gtin is None:
        prefix = policy().company_prefix
        room = 12 - len(prefix)
        number = next_in_row(tx, f"GTIN-{prefix}")
        if number >= 10**room:
            raise GtinsUsedUp()
        body = f"{prefix}{number:0{room}d}"
        specification.gtin = f"0{body}{ean.calc_check_digit(body)}"
        tx.flush()
    return specification.gtin


def box_gtin(gtin: str) -> str:
    """The GTIN of a box of such units: indicator digit 1 and a check digit of its own."""
    body = f"1{gtin[1:13]}"
    return body + str(ean.calc_check_digit(body))


def unit_gtin(gtin: str) -> str:
    """The GTIN of one unit, from that of a unit or of a box."""
    body = gtin[1:13]
    return f"0{body}{ean.calc_check_digit(body)}"
