"""Programs with keys, and facts as the other parts of the shop write them down."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from shop.core import db, events
from shop.identity.keys import issue
from tests.world import World

URL = "http://127.0.0.1:8000"
HOUSEHOLD = "hh-0123456789abcdef"

_MADE = {
    "cooperative": "TH",
    "category": "tea",
    "goods": "狗牯脑毛茶",
    "grade": "特级",
    "grams": 4_875,
    "inputs": [{"lot": "TH-1", "thing": "lot_leaf", "grams": 20_000}],
    "process": "狗牯脑茶",
    "steps": ["杀青", "揉捻"],
    "certificate": "CN-1",
}
_GOODS = {
    "shipment": "FH-TH-2026-1",
    "cooperative": "TH",
    "lots": [{"lot": "TH-9", "thing": "lot_tin", "units": 12, "gtin": "09521234567899"}],
    "to": "org_buyer",
}

#: Every kind of the contract, in an order that could have happened: kind, thing, facts.
STORY: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("delivery", "lot_leaf", {
        "lot": "TH-1", "cooperative": "TH", "category": "tea", "goods": "鲜叶", "grade": "一芽一叶",
        "grams": 20_000, "household": HOUSEHOLD, "village": "village_1", "plot": "plot_1",
        "certificate": "CN-0"}),
    ("delivery", "lot_wrong", {
        "lot": "TH-2", "cooperative": "TH", "category": "tea", "goods": "鲜叶", "grade": "",
        "grams": 1_500, "household": HOUSEHOLD, "village": "village_1", "plot": None,
        "certificate": ""}),
    ("void", "lot_wrong", {"lot": "TH-2", "grams": 1_500}),
    ("correct_shares", "lot_leaf", {"lot": "TH-1", "version": 2}),
    ("processed", "lot_rough", {"lot": "TH-3", **_MADE}),
    ("blend", "lot_blend", {"lot": "TH-4", **_MADE, "steps": [], "process": ""}),
    ("part", "lot_part", {"lot": "TH-5", **_MADE}),
    ("byproduct", "lot_dust", {"lot": "TH-6", **_MADE}),
    ("packed", "lot_tin", {
        "lot": "TH-9", **_MADE, "units": 40, "net_grams": 250, "specification": "spec_1",
        "gtin": "09521234567899", "best_before": "2027-10-01", "harvest_from": "2026-04-05",
        "harvest_to": "2026-04-08"}),
    ("loss", "lot_rough", {"lot": "TH-3", "cooperative": "TH", "grams": 300}),
    ("test", "lot_tin", {
        "lot": "TH-9", "cooperative": "TH", "test": "农残", "agency": "县检测站", "report": "R/7",
        "passed": True, "on": "2026-04-15", "valid_until": None}),
    ("certificate", "lot_tin", {
        "lot": "TH-9", "cooperative": "TH", "number": "CN-9", "on": "2026-04-15"}),
    ("labelled", "batch_1", {
        "lot": "TH-9", "cooperative": "TH", "allocation": "alloc_1", "batch": "batch_1",
        "count": 40, "codes_root": "ab" * 32}),
    ("boxing", "lot_tin", {
        "lot": "TH-9", "cooperative": "TH", "box": "cd" * 32, "units": ["01" * 32, "02" * 32]}),
    ("freeze", "lot_tin", {"lot": "TH-9", "cause": "dispute"}),
    ("lift", "lot_tin", {"lot": "TH-9", "cause": "dispute"}),
    ("shipping", "shipment_1", _GOODS),
    ("receiving", "shipment_1", _GOODS),
    ("accepting", "acceptance_1", _GOODS),
    ("returning", "return_1", {**_GOODS, "to": "person"}),
    ("recall", "recall_1", {
        "recall": "ZH-1", "lots": [{"lot": "TH-9", "thing": "lot_tin"}], "reason_kind": "residue"}),
    ("destroying", "recall_1", {
        "recall": "ZH-1",
        "lots": [{"lot": "TH-9", "thing": "lot_tin", "grams": 0, "units": 3},
                 {"lot": "TH-3", "thing": "lot_rough", "grams": 500, "units": 0}]}),
)  # fmt: skip


def happened(world: World, story=STORY) -> None:
    """Write facts down, a minute apart."""
    with db.database().writing() as tx:
        for number, (kind, thing, facts) in enumerate(story):
            at = world.now + timedelta(minutes=number)
            events.emit(
                tx,
                kind=kind,
                thing=thing,
                at=at,
                now=at,
                organisation_id=world.organisation_key("TH"),
                **facts,
            )


class Program:
    """Somebody's program: sends and asks with its key."""

    def __init__(self, client, key: str | None) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}

    def get(self, address: str, **more: Any):
        return self.client.get(f"/epcis{address}", headers=self.headers | more.pop("headers", {}),
                               **more)  # fmt: skip

    def post(self, address: str, body: Any, **headers: str):
        raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        sent = {"Content-Type": "application/ld+json", **self.headers, **headers}
        return self.client.post(f"/epcis{address}", data=raw, headers=sent)

    def capture(self, body: Any, **headers: str):
        return self.post("/capture", body, **headers)

    def events(self, **parameters: str) -> list[dict[str, Any]]:
        answer = self.get("/events", query_string=parameters)
        assert answer.status_code == 200, answer.text
        return events_in(answer)


def events_in(answer) -> list[dict[str, Any]]:
    """The events of an answered query."""
    found = json.loads(answer.text)["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    return found


def key_for(world: World, who: str, code: str, name: str = "仓库") -> str:
    """A key issued by one of the cast for an organisation."""
    return issue(
        organisation_id=world.organisation_key(code),
        name=name,
        days=None,
        actor=world.person(who),
        now=world.now,
    )
