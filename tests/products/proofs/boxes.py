"""A packed lot with labels, all of it written down, sealed and signed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from products.lots.models import Lot
from products.proofs import log, merkle
from products.proofs.bundles import CodeProof
from shop.core import db
from tests.products.gate import Gate
from tests.products.proofs.logs import ORIGIN, sealed, signed, written
from tests.world import NOW

CODES = [hashlib.sha256(f"code {number}".encode()).digest() for number in range(40)]
LEAVES = [merkle.leaf_hash(code) for code in CODES]


@dataclass(frozen=True)
class Box:
    """One box of a packed lot, and the proof of its code."""

    lot: str
    lot_id: int
    code: CodeProof


def code_proof(place: int) -> CodeProof:
    path = merkle.inclusion_path(place, len(CODES), merkle.over(LEAVES))
    return CodeProof(CODES[place], place, len(CODES), tuple(path))


def packed_and_labelled(gate: Gate, *, checkpoint: bool = True) -> Box:
    """Ten tins, forty codes, and other events before and after."""
    log.configure(ORIGIN, "01" * 32)
    lot = gate.pack([(gate.rough([(gate.leaf(gate.zhang, "20"), 20_000)], 5_000), 2_500)], 10)
    written(300)
    facts = {"goods": "狗牯脑茶 特级", "grade": "特级", "units": 10, "net_grams": 250}
    written(1, kind="packed", thing=lot, lot="TH-2026-0003", cooperative="TH", **facts)
    root = merkle.root(len(CODES), merkle.over(LEAVES)).hex()
    written(1, kind="labelled", thing=lot, lot="TH-2026-0003", count=40, codes_root=root)
    written(50)
    if checkpoint:
        sealed()
        signed(NOW + timedelta(hours=1))
    with db.database().reading() as tx:
        key = tx.execute(select(Lot.id).where(Lot.public_id == lot)).scalar_one()
    return Box(lot, key, code_proof(17))
