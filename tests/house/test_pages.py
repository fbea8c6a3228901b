"""Every page of every role after the whole story: good HTML, named, and few statements of SQL."""

from __future__ import annotations

import pytest
from flask import Flask

from shop.core import db
from tests.house.doors import ALL, DOORS
from tests.house.rules import address, rules, sent
from tests.pages import counted, faults

#: The most a page may ask of the database.
STATEMENTS = 30

EXAMPLE = (
    "<!doctype html><html lang='zh-CN'><head><title>例</title></head>"
    "<body><main><h1>例</h1>{}</main></body></html>"
)


@pytest.mark.parametrize(
    ("piece", "fault"),
    [
        ("<h1>又一个</h1>", "2 h1"),
        ("<p id='a'></p><p id='a'></p>", "id a 2 times"),
        ("<p style='color:red'></p>", "p has style"),
        ("<p onclick='x()'></p>", "p has onclick"),
        ("<script>x()</script>", "script in the page"),
        ("<a href='javascript:x()'>点</a>", "a href is a script"),
        ("<input name='x'>", "input x has no label"),
        ("<label for='y'>数</label>", "label for names y, which is not there"),
        ("<a href='#y'>往下</a>", "a leads to #y, which is not there"),
        ("<button></button>", "button  has no name"),
        ("<img src='x'>", "img x has no alt"),
        ("<table><tr><td>1</td></tr></table>", "table without headings"),
        ("<form method='post' action='/x'></form>", "form /x has 0 keys"),
        ("<form action='/x'><input type='hidden' name='csrf_token'></form>",
         "form /x shows its key in the address"),
        ("</section>", "line 1: unexpected-end-tag"),
    ],
)  # fmt: skip
def test_the_checker_sees_what_is_wrong(piece, fault):
    assert faults(EXAMPLE.format(piece)) == [fault]


def test_the_checker_is_content_with_a_good_page():
    assert faults(EXAMPLE.format("<label>数 <input name='x'></label>")) == []


@pytest.fixture
def keyed(shared_app: Flask):
    """The application with forms that need their key."""
    shared_app.config["WTF_CSRF_ENABLED"] = True
    yield shared_app
    shared_app.config["WTF_CSRF_ENABLED"] = False


@pytest.mark.parametrize("actor", sorted(ALL))
def test_every_page_is_whole_named_and_asks_little(actor, keyed, story, told_app):
    wrong: dict[str, list[str]] = {}
    seen = 0
    with told_app() as visit:
        browser = visit(actor)
        for rule in rules(keyed):
            if "GET" not in rule.methods or actor not in DOORS[rule.endpoint].may:
                continue
            with counted(db.database().engine) as statements:
                answer = browser.get(address(keyed, rule, story.ids))
            if answer.mimetype == "text/html" and answer.status_code == 200:
                seen += 1
                found = faults(answer.get_data(as_text=True))
                if len(statements) > STATEMENTS:
                    found.append(f"{len(statements)} statements")
                if found:
                    wrong[rule.endpoint] = found
            answer.close()

    assert seen >= 8
    assert wrong == {}


#: The summary above the form leads to fields that the page shows under another id, or not at all.
#: Take from this list, add nothing to it.
SUMMARY_LEADS_NOWHERE = {
    "cart.place": {"#recipient", "#phone", "#address"},
    "cart.union_place": {"#recipient", "#phone", "#address", "#budget", "#terms"},
    "payouts.new": {"#kinds"},
}


@pytest.mark.once
@pytest.mark.parametrize("actor", ["visitor", "clerk", "finance", "manager", "operator", "member"])
def test_every_form_sent_back_is_a_whole_page_too(actor, shared_app, story, told_app):
    wrong: dict[str, list[str]] = {}
    with told_app() as visit:
        browser = visit(actor)
        for rule in rules(shared_app):
            if "POST" not in rule.methods or rule.endpoint == "identity.sign_out":
                continue
            place = address(shared_app, rule, story.ids)
            answer = browser.post(place, data=sent(rule.endpoint, story.ids))
            if answer.mimetype == "text/html" and answer.status_code >= 400:
                known = {
                    f"a leads to {field}, which is not there"
                    for field in SUMMARY_LEADS_NOWHERE.get(rule.endpoint, ())
                }
                found = set(faults(answer.get_data(as_text=True), keys=False)) - known
                if found:
                    wrong[rule.endpoint] = sorted(found)

    assert wrong == {}
