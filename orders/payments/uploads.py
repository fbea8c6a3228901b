"""Uploaded statement files that wait between preview and import."""

from __future__ import annotations

import base64
import zlib
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from orders.payments.formats import workbooks
from orders.payments.formats.files import Stated
from orders.payments.importing import UPLOAD_KEPT, Given, short_name, upload_place
from orders.payments.layouts import store as layouts
from orders.payments.models import BankLayout, BankUpload
from shop.core.actors import Actor
from shop.core.errors import NotFound
from shop.core.ids import new_id
from shop.core.permissions import Permission
from shop.core.vault import vault

#: From so many bytes on, of a text or of a workbook, reading takes a good part of a second; such a
#: file (some three thousand lines) is read and imported by a job.
LARGE = {False: 256 * 1024, True: 96 * 1024}


def is_large(content: bytes) -> bool:
    """Whether a file is read by a job and not while somebody waits for the page."""
    return len(content) >= LARGE[workbooks.looks_like(content)]


def keep(tx: Session, given: Given, now: datetime, *, large: bool) -> BankUpload:
    """Keep a file sealed until it is imported; what has waited for a day goes."""
    tx.execute(delete(BankUpload).where(BankUpload.uploaded_at < now - UPLOAD_KEPT))
    public_id = new_id("upload")
    layout = layouts.chosen(tx, given.layout_id)
    kept = BankUpload(
        public_id=public_id,
        file_name=short_name(given.name),
        layout_id=layouts.key_of(tx, layout.public_id) if layout else None,
        opening=given.stated.opening if given.stated else None,
        closing=given.stated.closing if given.stated else None,
        large=large,
        content_sealed=vault().seal(
            base64.b64encode(zlib.compress(given.content, 1)).decode(),
            place=upload_place(public_id),
        ),
        uploaded_at=now,
    )
    tx.add(kept)
    return kept


def uploaded(tx: Session, upload_id: str, actor: Actor, now: datetime) -> BankUpload:
    """The file that waits under an upload's public id, still sealed; `opened` opens it.

    Raises:
        NotFound: there is no such upload, or it has waited for more than a day.
    """
    actor.require(Permission.BANK_IMPORT)
    found = tx.execute(
        select(BankUpload).where(
            BankUpload.public_id == upload_id, BankUpload.uploaded_at > now - UPLOAD_KEPT
        )
    ).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def opened(tx: Session, kept: BankUpload) -> Given:
    """A file that waits, as it was given."""
    layout_id = tx.execute(
        select(BankLayout.public_id).where(BankLayout.id == kept.layout_id)
    ).scalar_one_or_none()
    content = vault().open(kept.content_sealed, place=upload_place(kept.public_id))
    stated = None
    if kept.opening is not None and kept.closing is not None:
        stated = Stated(kept.opening, kept.closing)
    return Given(kept.file_name, zlib.decompress(base64.b64decode(content)), layout_id, stated)
