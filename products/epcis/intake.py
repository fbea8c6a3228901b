"""Taking in what a partner sends: read, measured, checked, each event given its name.

All of it happens before the transaction, and nothing is written here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from products.epcis import json_text
from products.epcis.contexts import joined
from products.epcis.hashing import event_hash
from products.epcis.keeping import Readied, ready
from products.epcis.rules import MAX_BYTES, MAX_EVENTS
from products.epcis.validation import Fault, faults
from shop.core.errors import Refusal
from shop.core.labels import N_


class NotJson(Refusal):
    """What was sent cannot be read as JSON, or could not be kept whole."""

    code = "not_json"
    sentence = N_("这不是可以完整保存的 UTF-8 JSON：%(trouble)s。")
    status = 400


class TooLarge(Refusal):
    """More than is taken at once."""

    code = "capture_too_large"
    sentence = N_(
        "一份文件最多 %(megabytes)s MB、%(events)s 个事件、%(values)s 个值、%(depth)s 层，"
        "请分开发送。"
    )
    status = 413


class NotJsonLd(Refusal):
    """EPCIS has an XML form as well; we take the other."""

    code = "not_json_ld"
    sentence = N_("这里只收 application/ld+json 或 application/json，收到的是 %(given)s。")
    status = 415


class OnlyRollback(Refusal):
    """A document is kept whole or not at all; keeping its good part is not offered."""

    code = "only_rollback"
    sentence = N_("文件要么整份收下，要么整份退回：GS1-Capture-Error-Behaviour 只能是 rollback。")
    status = 400


class NotEpcis(Refusal):
    """Read, but not valid EPCIS 2.0; `faults` says where."""

    code = "not_epcis"
    sentence = N_("这不是有效的 EPCIS 2.0 文件，有 %(count)s 处不合标准。")
    status = 400

    def __init__(self, found: list[Fault]) -> None:
        super().__init__(count=len(found))
        self.faults = found


#: What may be sent where: a document of events, or one event by itself.
DOCUMENT = Fault("$.type", N_("这里只收 EPCISDocument。"))
EVENT = Fault("$.type", N_("这里一次收一个事件；一份文件请发到 capture。"))


@dataclass(frozen=True, slots=True)
class Intake:
    """A valid document: its bytes as they came, and its events in their order."""

    raw: bytes
    events: tuple[Readied, ...]


def document(raw: bytes) -> Intake:
    """Take in an EPCISDocument.

    Raises:
        TooLarge: over one of the limits.
        NotJson: not JSON in UTF-8.
        NotEpcis: not a valid document; with every fault.
    """
    whole = _read(raw)
    if isinstance(whole, dict):
        body = whole.get("epcisBody")
        events = body.get("eventList") if isinstance(body, dict) else None
        if isinstance(events, list) and len(events) > MAX_EVENTS:
            raise too_large()
    _check(whole, [] if _type_of(whole) == "EPCISDocument" else [DOCUMENT])
    return Intake(
        raw,
        tuple(_readied(event, whole["@context"]) for event in whole["epcisBody"]["eventList"]),
    )


def event(raw: bytes) -> Intake:
    """Take in one event that brings its context.

    Raises:
        TooLarge, NotJson, NotEpcis: as for a document.
    """
    whole = _read(raw)
    wrapped = _type_of(whole) in ("EPCISDocument", "EPCISQueryDocument")
    _check(whole, [EVENT] if wrapped else [])
    return Intake(raw, (_readied(whole, None),))


def too_large() -> TooLarge:
    """The refusal with all the limits in its sentence."""
    return TooLarge(
        megabytes=MAX_BYTES // 1024 // 1024,
        events=MAX_EVENTS,
        values=json_text.MAX_VALUES,
        depth=json_text.MAX_DEPTH,
    )


def _read(raw: bytes) -> Any:
    if len(raw) > MAX_BYTES:
        raise too_large()
    try:
        return json_text.read(raw)
    except json_text.TooMuch:
        raise too_large() from None
    except json_text.Unreadable as trouble:
        raise NotJson(trouble=str(trouble)) from None


def _type_of(whole: Any) -> Any:
    return whole.get("type") if isinstance(whole, dict) else None


def _check(whole: Any, wrong_kind: list[Fault]) -> None:
    found = wrong_kind or faults(whole)
    if found:
        raise NotEpcis(found)


def _readied(event: dict[str, Any], context: Any) -> Readied:
    contexts = joined(context, event.get("@context"))
    return ready(event.get("eventID") or event_hash(event, contexts), event, contexts)
