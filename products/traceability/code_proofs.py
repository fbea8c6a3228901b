"""What proves one box without any network: its code among those printed with it, and its lot."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from products.proofs import bundles, merkle
from products.proofs.bundles import CodeProof
from products.traceability.finding import find
from products.traceability.minting import digest_of
from products.traceability.models import Code, CodeAllocation
from shop.core.errors import NotFound


def bundle(tx: Session, typed: str) -> str:
    """The offline bundle (离线凭证) of what a code stands on, as the file people keep.

    That of a unit or box proves its code too; the code of a whole lot gives the lot's.

    Raises:
        NotFound: the code stands on nothing.
        NotSealedYet: no checkpoint covers the lot's packing or the code's allocation yet.
    """
    found = find(tx, typed)
    if found.lot_key is None:
        raise NotFound()
    if found.batch_key is None:
        return bundles.text_of(bundles.lot_bundle(tx, found.lot_key))
    proof = _proof(tx, found.batch_key, found.serial, digest_of(found.code))
    return bundles.text_of(bundles.box_bundle(tx, found.lot_key, proof))


def _proof(tx: Session, batch_key: int, serial: int, digest: bytes) -> CodeProof:
    """The path of a code's digest to the root over all that were allocated with it.

    Raises:
        NotFound: the allocation is still under way.
    """
    allocation = tx.execute(
        select(CodeAllocation)
        .join(Code, Code.allocation_id == CodeAllocation.id)
        .where(Code.batch_id == batch_key, Code.serial == serial)
    ).scalar_one()
    if allocation.codes_root is None:
        raise NotFound()
    leaves = [merkle.leaf_hash(each) for each in digests(tx, allocation)]
    position = serial - allocation.first_serial
    path = merkle.inclusion_path(position, len(leaves), merkle.over(leaves))
    return CodeProof(digest, position, len(leaves), tuple(path))


def digests(tx: Session, allocation: CodeAllocation) -> Sequence[bytes]:
    """The digests of an allocation's codes in the order of their serials."""
    return (
        tx.execute(
            select(Code.digest)
            .where(
                Code.batch_id == allocation.batch_id,
                Code.serial.between(allocation.first_serial, allocation.last_serial),
            )
            .order_by(Code.serial)
        )
        .scalars()
        .all()
    )


def root_over(codes: Sequence[bytes]) -> bytes:
    """The root over digests of codes, as it stands in the fact that they were given to a lot."""
    leaves = [merkle.leaf_hash(digest) for digest in codes]
    return merkle.root(len(leaves), merkle.over(leaves))
