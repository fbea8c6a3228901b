"""What may be asked of events: the parameters of the standard's query, read into a `Question`.

An unknown parameter or a value that makes no sense is refused rather than passed over: an answer
to another question than was asked would mislead.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from products.epcis.rules import Part, bare, moment
from shop.core.errors import Refusal
from shop.core.labels import N_

PER_PAGE = 30
MOST_PER_PAGE = 500


class BadQuestion(Refusal):
    """A parameter that is unknown, or a value it cannot have."""

    code = "bad_query_parameter"
    sentence = N_("查询参数 %(name)s 不能写成“%(value)s”。")
    status = 400


class UnknownParameter(Refusal):
    """A parameter of another standard, misspelt, or one we do not answer."""

    code = "unknown_query_parameter"
    sentence = N_("没有 %(name)s 这个查询参数。")
    status = 400


@dataclass(frozen=True, slots=True)
class Matching:
    """Events that name one of these in one of these parts, as single things or as classes."""

    parts: tuple[Part, ...]
    kinds: tuple[bool, ...]
    epcs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class After:
    """Where the page before ended: the time it was ordered by, and the key of its last event."""

    at: datetime
    key: int
    given: int


@dataclass(frozen=True, slots=True)
class Question:
    """One query. Every condition has to hold; among the values of one, any may.

    `limit` is how many events are wanted at the most, over all pages; `refuse_over` refuses the
    whole query when there are more. Both count from the beginning.
    """

    equal: tuple[tuple[str, tuple[str, ...]], ...] = ()
    since: tuple[tuple[str, datetime], ...] = ()
    before: tuple[tuple[str, datetime], ...] = ()
    matching: tuple[Matching, ...] = ()
    order_by: str = "event_time"
    descending: bool = True
    limit: int | None = None
    refuse_over: int | None = None
    per_page: int = PER_PAGE
    after: After | None = None

    def with_equal(self, column: str, value: str) -> Question:
        """The same, asked about one value besides."""
        return replace(self, equal=(*self.equal, (column, (value,))))

    def with_named(self, epc: str) -> Question:
        """The same, asked about one thing or class besides, whatever part it plays."""
        one = Matching(_ALL_PARTS, (False, True), (epc,))
        return replace(self, matching=(*self.matching, one))


_ALL_PARTS = (Part.OBJECT, Part.PARENT, Part.INPUT, Part.OUTPUT)
_EQUAL = {
    "eventType": "type",
    "EQ_action": "action",
    "EQ_bizStep": "biz_step",
    "EQ_disposition": "disposition",
    "EQ_readPoint": "read_point",
    "EQ_bizLocation": "biz_location",
    "EQ_eventID": "event_id",
}
_TIMES = {"eventTime": "event_time", "recordTime": "record_time"}
_MATCHING: dict[str, tuple[tuple[Part, ...], bool]] = {
    "MATCH_epc": ((Part.OBJECT,), False),
    "MATCH_parentID": ((Part.PARENT,), False),
    "MATCH_inputEPC": ((Part.INPUT,), False),
    "MATCH_outputEPC": ((Part.OUTPUT,), False),
    "MATCH_anyEPC": (_ALL_PARTS, False),
    "MATCH_epcClass": ((Part.OBJECT,), True),
    "MATCH_inputEPCClass": ((Part.INPUT,), True),
    "MATCH_outputEPCClass": ((Part.OUTPUT,), True),
    "MATCH_anyEPCClass": ((Part.OBJECT, Part.INPUT, Part.OUTPUT), True),
}
_ONE_OF = {
    "orderBy": tuple(_TIMES),
    "orderDirection": ("ASC", "DESC"),
}
PAGING = ("perPage", "nextPageToken")


def read(given: Iterable[tuple[str, str]]) -> Question:
    """The question that parameters ask; values of one may be repeated or parted by commas.

    Raises:
        UnknownParameter: a name the query does not know.
        BadQuestion: a value that is no time, number or word the parameter can have.
    """
    values: dict[str, list[str]] = {}
    for name, value in given:
        if name not in KNOWN:
            raise UnknownParameter(name=name[:80])
        parts = [value] if name in ("nextPageToken",) else value.split(",")
        values.setdefault(name, []).extend(part.strip() for part in parts)
    if "eventCountLimit" in values and "maxEventCount" in values:
        raise BadQuestion(name="maxEventCount", value="eventCountLimit + maxEventCount")
    order_by = _one(values, "orderBy", str, "eventTime")
    return Question(
        equal=tuple(
            (column, tuple(bare(value) for value in values[name]))
            for name, column in _EQUAL.items()
            if name in values
        ),
        since=_times(values, "GE_"),
        before=_times(values, "LT_"),
        matching=tuple(
            Matching(parts, (is_class,), tuple(values[name]))
            for name, (parts, is_class) in _MATCHING.items()
            if name in values
        ),
        order_by=_TIMES[order_by],
        descending=_one(values, "orderDirection", str, "DESC") == "DESC",
        limit=_one(values, "eventCountLimit", _count, None),
        refuse_over=_one(values, "maxEventCount", _count, None),
        per_page=_one(values, "perPage", _page_size, PER_PAGE),
        after=_one(values, "nextPageToken", after_of, None),
    )


KNOWN = frozenset(
    {
        *_EQUAL, *_MATCHING, *_ONE_OF, *PAGING, "eventCountLimit", "maxEventCount",
        *(f"{bound}_{time}" for bound in ("GE", "LT") for time in _TIMES),
    }
)  # fmt: skip


def token_of(after: After) -> str:
    """Where to go on, as a token for the next page's address."""
    content = json.dumps([after.at.isoformat(), after.key, after.given])
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def after_of(token: str) -> After:
    """Where a token says to go on.

    Raises:
        ValueError: it is none of ours.
    """
    try:
        content = json.loads(base64.b64decode(token + "=" * (-len(token) % 4), b"-_", True))
        at, key, given = content
        if not (isinstance(key, int) and isinstance(given, int) and 0 < key < 2**63):
            raise ValueError(token)
        return After(moment(at), key, given)
    except (binascii.Error, TypeError, UnicodeDecodeError, AttributeError) as error:
        raise ValueError(token) from error


def _times(values: Mapping[str, Sequence[str]], bound: str) -> tuple[tuple[str, datetime], ...]:
    return tuple(
        (column, _one(values, bound + name, _moment, None))
        for name, column in _TIMES.items()
        if bound + name in values
    )


def _one(
    values: Mapping[str, Sequence[str]], name: str, read_as: Callable[[str], Any], default: Any
) -> Any:
    if name not in values:
        return default
    text = ",".join(values[name])
    try:
        found = read_as(text)
        if name in _ONE_OF and found not in _ONE_OF[name]:
            raise ValueError(text)
    except ValueError:
        raise BadQuestion(name=name, value=text[:80]) from None
    return found


def _moment(text: str) -> datetime:
    return moment(text.replace(" ", "+"))  # a plus in an address that was not escaped


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 10 and int(text)):
        raise ValueError(text)
    return int(text)


def _page_size(text: str) -> int:
    count = _count(text)
    if count > MOST_PER_PAGE:
        raise ValueError(text)
    return count
