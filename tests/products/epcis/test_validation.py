"""Our rules against the official schema: whatever the one takes the other takes."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator

from products.epcis import validation
from products.epcis.validation import SCHEMA, faults
from shop.core.db import ROOT
from tests.products.epcis.documents import (
    EVENTS,
    JUNK,
    OBJECT,
    SENSED,
    SHAPES,
    document,
    places,
    query_document,
    replaced,
    spoilt,
    without,
)

OFFICIAL = ROOT.parent / "shared" / "epcis" / "EPCIS-JSON-Schema.json"

needs_official = pytest.mark.skipif(
    not OFFICIAL.exists(), reason=f"the official schema is not there: {OFFICIAL}"
)


@pytest.fixture(scope="module")
def official() -> Draft7Validator:
    schema = json.loads(Path(OFFICIAL).read_text("utf-8"))
    return Draft7Validator(schema, format_checker=Draft7Validator.FORMAT_CHECKER)


def ours(value: Any) -> bool:
    return not faults(value)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_the_standard_is_taken(shape):
    assert faults(SHAPES[shape]) == []


@needs_official
@pytest.mark.parametrize("shape", SHAPES)
def test_the_shapes_are_those_of_the_standard(shape, official):
    assert [error.message for error in official.iter_errors(SHAPES[shape])] == []


@needs_official
@pytest.mark.parametrize("shape", SHAPES)
def test_one_change_away_the_two_schemas_agree(shape, official):
    sample = list(spoilt(SHAPES[shape], 200))

    verdicts = [(ours(value), official.is_valid(value)) for value in sample]

    assert [v for v, (a, b) in zip(sample, verdicts, strict=True) if a is not b] == []
    assert {a for a, _b in verdicts} == {True, False}, "the changes are of both sorts"


@st.composite
def changed_documents(draw: st.DrawFn) -> Any:
    """Events in a document of either kind, or alone, after several changes."""
    chosen = draw(st.lists(st.sampled_from(sorted(EVENTS)), min_size=1, max_size=2))
    events = [copy.deepcopy(EVENTS[name]) for name in chosen]
    wrap = draw(st.sampled_from([document, query_document, lambda event, *_: event]))
    value: Any = wrap(*events)
    for _ in range(draw(st.integers(0, 3))):
        where = draw(st.sampled_from(list(places(value)) or [("type",)]))
        how = draw(st.integers(0, 2))
        if how == 0:
            value = without(value, where)
        elif how == 1:
            value = replaced(value, where, draw(st.sampled_from(JUNK)))
        else:
            source = draw(st.sampled_from(sorted(EVENTS)))
            name = draw(st.sampled_from(sorted(EVENTS[source])))
            at = (*where[:-1], name) if isinstance(where[-1], str) else where
            value = replaced(value, at, EVENTS[source][name])
        if not value:
            return value
    return value


@needs_official
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(value=changed_documents())
def test_several_changes_away_the_two_schemas_agree(value, official):
    assert ours(value) is official.is_valid(value)


@needs_official
@settings(max_examples=150, deadline=None)
@given(
    value=st.recursive(
        st.sampled_from(JUNK) | st.text(max_size=5) | st.floats(allow_nan=False) | st.integers(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["type", "@context", "eventList", "epcisBody", "eventTime", "ex:x"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=8,
    )
)
def test_of_any_json_at_all_the_two_schemas_agree(value, official):
    assert ours(value) is official.is_valid(value)


@needs_official
@pytest.mark.parametrize(
    "rule",
    sorted(set(SCHEMA["$defs"]) - {"foreignMeasure", "vocabularyElement", "vocabularyList",
                                   "document", "queryDocument", "eventList"}),
)  # fmt: skip
def test_a_rule_that_were_missing_would_be_noticed(rule, official):
    """The control of the comparison: with one rule taken out, the schemas no longer agree."""
    blunt = copy.deepcopy(SCHEMA)
    blunt["$defs"][rule] = True
    judge = Draft202012Validator(blunt, format_checker=validation._FORMATS)

    def differs(value: Any) -> bool:
        return judge.is_valid(value) is not official.is_valid(value)

    assert any(differs(value) for shape in _with(rule) for value in spoilt(SHAPES[shape], 3000))


def _with(rule: str) -> list[str]:
    kind = {  # where nothing else forbids the same
        "TransformationEvent": "transformation",
        "AssociationEvent": "association",
        "AggregationEvent": "aggregation",
        "TransactionEvent": "transaction",
        "otherEvent": "foreign",
        "action": "aggregation",
    }.get(rule)
    return [kind] if kind else ["object"]


def test_without_format_checking_a_misspelt_step_would_pass():
    wrong = document({**SENSED, "bizStep": "recieving"})
    careless = Draft202012Validator(SCHEMA)

    assert careless.is_valid(wrong)
    assert [fault.path for fault in faults(wrong)] == ["$.epcisBody.eventList[0].bizStep"]


def _one_each() -> list[tuple[Callable[[], Any], list[str]]]:
    event = "$.epcisBody.eventList[0]"
    return [
        (lambda: document({**SENSED, "eventTime": "yesterday"}), [f"{event}.eventTime"]),
        (lambda: document({**SENSED, "eventTimeZoneOffset": "+8"}),
         [f"{event}.eventTimeZoneOffset"]),
        (lambda: document({**OBJECT, "epcList": ["urn:ex:1", "no uri", "urn:ex:1"]}),
         [f"{event}.epcList[1]", f"{event}.epcList"]),
        (lambda: document({**SENSED, "colour": "red"}), [event]),
        (lambda: document({**SENSED, "ilmd": {"ex:a": 1}}), [f"{event}.action"]),
        (lambda: document({k: v for k, v in SENSED.items() if k != "action"}), [event]),
        (lambda: document(SENSED, **{"@context": [1]}), ['$["@context"]']),
        (lambda: document(SENSED, {"type": "Nothing"}), ["$.epcisBody.eventList[1].type",
         "$.epcisBody.eventList[1]", "$.epcisBody.eventList[1]"]),
        (lambda: document("event"), [event]),
        (lambda: {"type": 5}, ["$.type"]),
        (lambda: [], ["$"]),
    ]  # fmt: skip


@pytest.mark.parametrize("number", range(len(_one_each())))
def test_every_fault_is_told_with_its_place(number):
    make, paths = _one_each()[number]

    found = faults(make())

    assert sorted(set(paths)) == sorted({fault.path for fault in found})


def test_every_fault_is_said_in_words():
    told = {
        fault.sentence
        for shape in SHAPES
        for value in spoilt(SHAPES[shape], 100)
        for fault in faults(value)
    }

    assert validation.OTHERWISE not in told
    assert len(told) > 20


def test_a_huge_list_with_repeats_of_every_sort_is_refused_at_once():
    mixed = [item for n in range(50_000) for item in (f"urn:ex:{n}", {"n": n})]

    found = faults(document({**OBJECT, "epcList": mixed}))

    assert len(found) == validation.MOST_FAULTS
