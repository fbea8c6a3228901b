"""Previews of uploaded files: a small one's is made at once, a large one's by a job.

The job leaves it beside the upload, sealed like the file.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from orders.payments import uploads
from orders.payments.formats.sheets import Fault, FileRefused, Problem
from orders.payments.gaps import Gap
from orders.payments.looking import Preview, PreviewLine, looked_at
from orders.payments.models import BankUpload
from orders.payments.rules import Finding
from orders.payments.states import FileFormat
from shop.core.actors import Actor
from shop.core.labels import Labelled
from shop.core.money import Money
from shop.core.vault import vault

#: So many faults are kept; a page shows no more.
FAULTS = 200


def preview(
    tx: Session, upload_id: str, actor: Actor, now: datetime
) -> Preview | FileRefused | None:
    """What importing an uploaded file would do; of a large one what its job found.

    Returns:
        For a large file what is wrong with it, if something is; None until the job has read it.

    Raises:
        NotFound: see `uploads.uploaded`.
        FileRefused: a small file was imported meanwhile, or its layout was retired.
    """
    kept = uploads.uploaded(tx, upload_id, actor, now)
    if kept.large:
        return seen(kept)
    return looked_at(tx, uploads.opened(tx, kept), now)


def keep(kept: BankUpload, found: Preview | FileRefused, now: datetime) -> None:
    """Write down what a job found; sealed like the file, since it names payers."""
    if isinstance(found, FileRefused):
        told: dict[str, Any] = {"faults": [asdict(fault) for fault in found.faults[:FAULTS]]}
    else:
        told = asdict(found)
    kept.preview_sealed = vault().seal(
        json.dumps(told, default=_plain, ensure_ascii=False), place=_place(kept)
    )
    kept.looked_at = now


def seen(kept: BankUpload) -> Preview | FileRefused | None:
    """What was found; None until a job has read the file."""
    if kept.preview_sealed is None:
        return None
    told: dict[str, Any] = json.loads(vault().open(kept.preview_sealed, place=_place(kept)))
    if "faults" in told:
        problems = {problem.value: problem for problem in Problem}
        return FileRefused(
            [Fault(**fault | {"problem": problems[fault["problem"]]}) for fault in told["faults"]]
        )
    findings = {finding.value: finding for finding in Finding}
    return Preview(
        **told
        | _typed(told, "at", "opening", "credits", "debits", "closing")
        | {
            "format": next(one for one in FileFormat if one.value == told["format"]),
            "left": tuple(_gap(gap) for gap in told["left"]),
            "closed": tuple(_gap(gap) for gap in told["closed"]),
            "lines": tuple(
                PreviewLine(
                    **line
                    | _typed(line, "at", "amount", "balance")
                    | {"finding": findings[line["finding"]]}
                )
                for line in told["lines"]
            ),
            "tally": tuple(
                (findings[finding], count, Money(**amount))
                for finding, count, amount in told["tally"]
            ),
        }
    )


def _gap(told: dict[str, Any]) -> Gap:
    return Gap(**_typed(told, "since", "until", "closing", "opening"))


def _typed(told: dict[str, Any], *names: str) -> dict[str, Any]:
    """Moments and amounts as they were: text is a moment, a mapping whole fen."""
    return {
        name: datetime.fromisoformat(told[name])
        if isinstance(told[name], str)
        else Money(**told[name])
        for name in names
    }


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    assert isinstance(value, Labelled)
    return value.value


def _place(kept: BankUpload) -> str:
    """What the ciphertext of a preview is bound to."""
    return f"bank_upload.preview:{kept.public_id}"
