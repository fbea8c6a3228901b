"""Uploaded statement files that wait between preview and import."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.payments.importing import UPLOAD_KEPT, upload_place
from orders.payments.models import BankLayout, BankUpload
from shop.core.actors import Actor
from shop.core.errors import NotFound
from shop.core.permissions import Permission
from shop.core.vault import vault


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file that waits; `layout_id` is the public id of the layout chosen, None to recognise."""

    file_name: str
    content: bytes
    layout_id: str | None
    lines: int


def uploaded(tx: Session, upload_id: str, actor: Actor, now: datetime) -> Uploaded:
    """The file that waits under an upload's public id.

    Raises:
        NotFound: there is no such upload, or it has waited for more than a day.
    """
    actor.require(Permission.BANK_IMPORT)
    found = tx.execute(
        select(BankUpload, BankLayout.public_id)
        .outerjoin(BankLayout, BankLayout.id == BankUpload.layout_id)
        .where(BankUpload.public_id == upload_id, BankUpload.uploaded_at > now - UPLOAD_KEPT)
    ).one_or_none()
    if found is None:
        raise NotFound()
    upload, layout_id = found
    sealed = vault().open(upload.content_sealed, place=upload_place(upload_id))
    return Uploaded(upload.file_name, base64.b64decode(sealed), layout_id, upload.lines)
