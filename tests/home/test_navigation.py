"""Which entry of the side navigation is the current one, and for whom it is there."""

from __future__ import annotations

import re

import pytest

CURRENT = re.compile(r'<a href="([^"?]+)[^"]*" aria-current="page">')


def current(client, place):
    """The paths marked current; the navigation is on the page twice, wide and small."""
    answer = client.get(place)
    assert answer.status_code == 200, place
    side = answer.text.partition('<main id="main"')[0]
    return sorted(set(CURRENT.findall(side))), side


@pytest.mark.parametrize(
    ("person", "place", "entry"),
    [
        ("operator", "/platform/bank/", "/platform/bank/"),
        ("operator", "/platform/bank/suspense", "/platform/bank/suspense"),
        ("operator", "/platform/bank/new", "/platform/bank/"),
        ("operator", "/platform/payouts/new", "/platform/payouts/"),
        ("manager", "/cooperative/lots/stock", "/cooperative/lots/stock"),
        ("manager", "/cooperative/lots/pack/new", "/cooperative/lots/"),
        ("manager", "/cooperative/households/new", "/cooperative/households/"),
        ("finance", "/union/budgets/new", "/union/budgets/"),
        ("approver", "/purchases/inbox", "/purchases/inbox"),
        ("auditor", "/audit/sample?seed=a&size=5", "/audit/"),
    ],
)
def test_a_page_keeps_its_entry_and_organisation_in_sight(client, world, person, place, entry):
    marked, side = current(client.as_(world.person(person)), place)

    assert marked == [entry]
    assert '<span class="org">' in side


def test_a_purchase_that_waits_stands_under_the_inbox(client, world):
    world.tins(5)
    purchase = world.submitted(2)

    marked, _side = current(client.as_(world.approver), f"/purchases/{purchase}/approval")

    assert marked == ["/purchases/inbox"]


def test_only_approvers_have_an_inbox(client, world):
    assert "/purchases/inbox" in client.as_(world.approver).get("/start").text
    assert "/purchases/inbox" not in client.as_(world.clerk).get("/start").text


def test_union_purchasing_leads_each_reader_where_they_may_go(client, world):
    def door() -> str | None:
        found = re.search(r'<a class="door" href="([^"]+)">[^\n]*单位采购', client.get("/").text)
        return found and found[1]

    assert door() == "/start"
    client.as_(world.clerk)
    assert door() == "/cart/union"
    client.as_(world.finance)
    assert door() == "/purchases/"
    client.as_(world.manager)
    assert door() is None
    assert "您还不是工会的经办人" in client.get("/").text


@pytest.mark.parametrize("person", ["treasurer", "auditor"])
def test_who_only_reads_is_offered_no_work_with_the_bank(client, world, person):
    client.as_(world.person(person))

    for place, work in (
        ("/platform/bank/", ("/platform/bank/new", "/platform/bank/suspense")),
        ("/platform/payouts/", ("/platform/payouts/new",)),
    ):
        page = client.get(place).text
        assert not [link for link in work if f'href="{link}"' in page]
