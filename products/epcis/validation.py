"""Whether a document is EPCIS 2.0, and if not, every place where it is not.

The rules are `document.schema.json`: ours in wording, the standard's in what they let pass; tests
hold the two against each other. Formats are asserted, otherwise a misspelt bizStep would pass.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from products.epcis.json_text import frozen
from shop.core.labels import N_

SCHEMA = json.loads((Path(__file__).parent / "document.schema.json").read_text("utf-8"))

#: So many faults are told; whoever has more has made one mistake many times.
MOST_FAULTS = 1000


@dataclass(frozen=True, slots=True)
class Fault:
    """One place that is wrong: its JSONPath, and a Chinese sentence with places for the facts."""

    path: str
    sentence: str
    facts: dict[str, str] = field(default_factory=dict)


#: What is said of a breach, by the schema's title where it has one, else by its keyword.
SAID = {
    "action": N_("action 只能是 ADD、OBSERVE 或 DELETE。"),
    "alarm": N_("这里要写标准里的报警类型，或者一个 URI。"),
    "attribute": N_("这里要是一个数、一段文字或者一个对象。"),
    "bizStep": N_("这里要写标准词表里的业务步骤（如 shipping），或者一个 URI。"),
    "bizTransactionType": N_("这里要写标准词表里的单据类型（如 po），或者一个 URI。"),
    "children": N_("要写明 childEPCs 或 childQuantityList，且不能为空；只有 DELETE 可以都不写。"),
    "component": N_("这里要写标准里的分量名（如 latitude），或者一个 URI。"),
    "context": N_("@context 要是 URI、对象，或者由它们组成且不重复的列表。"),
    "disposition": N_("这里要写标准词表里的状态（如 in_transit），或者一个 URI。"),
    "field": N_("这里没有“%(value)s”这个字段；自己的扩展字段要写成“前缀:名称”。"),
    "hex": N_("这里要写十六进制数。"),
    "ilmd": N_("只有 action 是 ADD 的事件可以带 ilmd。"),
    "measurement": N_("这里要写标准里的测量类型（如 Temperature），或者一个 URI。"),
    "objects": N_(
        "要写明 epcList 或非空的 quantityList；都没有时，要有 sensorElementList 和 readPoint。"
    ),
    "offset": N_("时区要写成 +08:00 这样，在 -13:59 和 +14:00 之间。"),
    "party": N_("这里要写 owning_party、possessing_party、location，或者一个 URI。"),
    "reason": N_("这里要写 did_not_occur、incorrect_data，或者一个 URI。"),
    "transacted": N_("要写明 epcList 或非空的 quantityList；只有 DELETE 可以都不写。"),
    "transformed": N_("要写明投入和产出；分几次记录的，写明 transformationID 和其中一样。"),
    "uom": N_("单位要是两到三位的代码，例如 KGM。"),
    "uris": N_("这里要写一个 URI，或者由 URI 组成的列表。"),
    "version": N_("版本要写成 2.0 这样。"),
    "date-time": N_("“%(value)s”不是带时区的时间，要写成 2026-04-08T09:30:00+08:00 这样。"),
    "uri": N_("“%(value)s”不是 URI。"),
    "required": N_("缺少“%(value)s”。"),
    "array": N_("这里要是一个列表。"),
    "boolean": N_("这里要是 true 或 false。"),
    "number": N_("这里要是一个数。"),
    "object": N_("这里要是一个对象。"),
    "string": N_("这里要是一段文字。"),
    "minItems": N_("这个列表不能为空。"),
    "minProperties": N_("set 和 unset 至少要有一个。"),
    "uniqueItems": N_("这个列表里有重复的项。"),
}
OTHERWISE = N_("这里不合标准。")


def faults(document: Any) -> list[Fault]:
    """Every place in which a document is not valid, in the order of the document's rules.

    Args:
        document: what `json_text.read` gave, or the like.

    Returns:
        Nothing when it is valid; at the most `MOST_FAULTS`.
    """
    return [_fault(error) for error in islice(_VALIDATOR.iter_errors(document), MOST_FAULTS)]


def _fault(error: ValidationError) -> Fault:
    path = "$" + "".join(_step(step) for step in error.absolute_path)
    rule = error.schema if isinstance(error.schema, dict) else {}
    value = _shown(error.message if error.validator in _NAMING else error.instance)
    if "propertyNames" in error.schema_path or error.validator == "additionalProperties":
        return Fault(path, SAID["field"], {"value": value})
    keyword = str(error.validator)
    told = keyword if keyword == "required" else rule.get("title") or keyword
    if told in ("format", "type"):
        told = str(error.validator_value)
    sentence = SAID.get(told, OTHERWISE)
    return Fault(path, sentence, {"value": value} if "%(value)s" in sentence else {})


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if step.isidentifier() else f"[{json.dumps(step, ensure_ascii=False)}]"


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 80 else text[:79] + "…"


#: Keywords of ours whose message is just the name it is about.
_NAMING = ("required", "additionalProperties")


def _required(
    _validator: Any, names: list[str], instance: Any, _schema: Any
) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        yield from (ValidationError(name) for name in names if name not in instance)


def _no_others(
    _validator: Any, _allowed: bool, instance: Any, schema: Any
) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        known = schema["properties"]
        yield from (ValidationError(name) for name in instance if name not in known)


def _unique(
    _validator: Any, _wanted: bool, instance: Any, _schema: Any
) -> Iterator[ValidationError]:
    """In one pass, where the library would compare each item with each."""
    if isinstance(instance, list) and len({frozen(item) for item in instance}) < len(instance):
        yield ValidationError("repeated")


_STANDARD = Draft202012Validator.FORMAT_CHECKER
_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("date-time")
def _date_time(value: object) -> bool:
    return _STANDARD.conforms(value, "date-time")


@_FORMATS.checks("uri")
def _uri(value: object) -> bool:
    return not isinstance(value, str) or _uri_text(value)


@lru_cache(maxsize=4096)
def _uri_text(value: str) -> bool:
    """Each text once: the events of a document name the same things over and over."""
    return _STANDARD.conforms(value, "uri")


_VALIDATOR = extend(
    Draft202012Validator,
    {"required": _required, "additionalProperties": _no_others, "uniqueItems": _unique},
)(SCHEMA, format_checker=_FORMATS)
