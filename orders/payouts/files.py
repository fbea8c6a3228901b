"""The bank's files of a batch: frozen at export, checked before each is handed out, encrypted."""

from __future__ import annotations

import io
import secrets
from datetime import datetime
from typing import NamedTuple

import pyzipper
from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.payouts import drafting
from orders.payouts.batches import AccountsChanged, locked_batch
from orders.payouts.drafting import ChangedSinceApproval
from orders.payouts.layouts import NEUTRAL, Layout, layouts, parts, write_payout
from orders.payouts.models import PayoutBatch, PayoutFile
from orders.payouts.rules import file_hash
from orders.payouts.states import BATCH, BatchState
from shop.core import audit
from shop.core.actors import Actor
from shop.core.clock import day_of
from shop.core.commands import command
from shop.core.errors import NotFound, Refusal, WrongState
from shop.core.labels import N_
from shop.core.money import Money
from shop.core.permissions import Permission
from shop.core.reference import ALPHABET
from shop.core.vault import vault


class PhraseMissing(Refusal):
    """A file leaves the shop only under a pass phrase, and none was set yet."""

    code = "phrase_missing"
    sentence = N_("请先生成解压口令，再下载文件。")


class Archive(NamedTuple):
    """One file, encrypted: the name and the bytes of the ZIP."""

    name: str
    content: bytes


@command
def export_batch(
    tx: Session, *, batch_id: str, actor: Actor, now: datetime, layout: str = NEUTRAL
) -> None:
    """Freeze the files of an approved batch by their hashes (导出), as one bank wants them.

    As many files as the layout's row limit asks for; they are fetched by `take_archive`.

    Raises:
        NotFound, NotAllowed, WrongState: see `StateTable.move`.
        ChangedSinceApproval: an item is not what was approved.
        AccountsChanged: an account was replaced after approval, which voids it.
    """
    batch = locked_batch(tx, batch_id)
    if layout not in layouts():
        raise NotFound(field="layout")
    drafting_for = layouts()[layout]
    BATCH.move(tx, batch, "export", actor=actor, now=now, organisation_id=None)
    drafting.refuse_altered(tx, batch)
    if changed := drafting.changed_accounts(tx, batch):
        raise AccountsChanged(count=changed)
    batch.exported_at, batch.layout = now, layout
    rows = drafting.bank_rows(tx, batch, drafting_for.payout)
    drafting.refuse_other_numbers(tx, batch, rows)
    hashes = []
    for part, positions in enumerate(parts(drafting_for.payout, len(rows)), start=1):
        inside = rows[positions.start - 1 : positions.stop - 1]
        hashes.append(file_hash(write_payout(drafting_for.payout, inside)))
        tx.add(
            PayoutFile(
                batch_id=batch.id,
                part=part,
                file_name=drafting_for.payout.file_name.format(
                    number=batch.number, part=part, day=f"{day_of(now):%Y%m%d}"
                ),
                first_position=positions.start,
                items=len(inside),
                total=Money(sum(row.fen for row in inside)),
                file_hash=hashes[-1],
            )
        )
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind=BATCH.kind,
        thing=batch.public_id,
        action="freeze",
        layout=layout,
        files=hashes,
    )


@command
def renew_phrase(tx: Session, *, batch_id: str, actor: Actor, now: datetime) -> str:
    """Set a new pass phrase for a batch's files and say it, once; the vault keeps it sealed.

    Never through a once-key, which would keep the answer. Files fetched before keep theirs.

    Raises:
        NotFound, NotAllowed: the actor may not draft payouts.
        WrongState: it was not exported.
    """
    batch = _exported(tx, batch_id, actor)
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(20))
    phrase = "-".join(drawn[start : start + 5] for start in range(0, 20, 5))
    batch.phrase_sealed = vault().seal(phrase, place=drafting.phrase_place(batch.public_id))
    audit.record(tx, actor=actor, now=now, kind=BATCH.kind, thing=batch.public_id, action="phrase")
    return phrase


@command
def take_file(tx: Session, *, batch_id: str, actor: Actor, now: datetime, part: int = 1) -> bytes:
    """One file of an exported batch in clear, byte for byte as frozen; for whoever hands it on.

    Raises:
        NotFound, NotAllowed, WrongState, ChangedSinceApproval: see `take_archive`.
    """
    batch = _exported(tx, batch_id, actor)
    return _unaltered(tx, batch, _part(tx, batch, part), actor, now)


@command
def take_archive(
    tx: Session, *, batch_id: str, actor: Actor, now: datetime, part: int = 1
) -> Archive:
    """One file of an exported batch as an encrypted ZIP (AES-256); the fetch is written down.

    Before it leaves, its rows are compared with what was approved and its bytes with what was
    frozen at export.

    Raises:
        NotFound: there is no such batch or file.
        NotAllowed: the actor may not draft payouts.
        WrongState: it was not exported.
        PhraseMissing: nobody has set a pass phrase.
        ChangedSinceApproval: rows, or hashes kept beside them, were altered since.
    """
    batch = _exported(tx, batch_id, actor)
    if batch.phrase_sealed is None:
        raise PhraseMissing()
    file = _part(tx, batch, part)
    content = _unaltered(tx, batch, file, actor, now)
    phrase = vault().open(batch.phrase_sealed, place=drafting.phrase_place(batch.public_id))
    out = io.BytesIO()
    with pyzipper.AESZipFile(
        out, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES, compresslevel=1
    ) as archive:
        archive.setpassword(phrase.encode())
        archive.writestr(file.file_name, content)
    return Archive(f"{file.file_name.rpartition('.')[0]}.zip", out.getvalue())


def layout_of(batch: PayoutBatch) -> Layout:
    """The layout a batch was exported in."""
    return layouts()[batch.layout or NEUTRAL]


def _exported(tx: Session, batch_id: str, actor: Actor) -> PayoutBatch:
    actor.require(Permission.PAYOUT_DRAFT)
    batch = locked_batch(tx, batch_id)
    if batch.state not in (BatchState.EXPORTED, BatchState.CLOSED):
        raise WrongState(state=batch.state.label)
    return batch


def _part(tx: Session, batch: PayoutBatch, part: int) -> PayoutFile:
    file = tx.execute(
        select(PayoutFile).where(PayoutFile.batch_id == batch.id, PayoutFile.part == part)
    ).scalar_one_or_none()
    if file is None:
        raise NotFound()
    return file


def _unaltered(
    tx: Session, batch: PayoutBatch, file: PayoutFile, actor: Actor, now: datetime
) -> bytes:
    drafting.refuse_altered(tx, batch)
    positions = range(file.first_position, file.first_position + file.items)
    layout = layout_of(batch).payout
    content = write_payout(layout, drafting.bank_rows(tx, batch, layout, positions))
    frozen = drafting.said_first(tx, batch, "freeze")["files"][file.part - 1]
    if not file_hash(content) == file.file_hash == frozen:
        raise ChangedSinceApproval()
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind=BATCH.kind,
        thing=batch.public_id,
        action="download",
        part=file.part,
        file_hash=file.file_hash,
    )
    return content
