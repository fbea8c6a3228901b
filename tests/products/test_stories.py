"""Stories of villages and households, and consent: each purpose by itself, gone when withdrawn."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import func, select

from orders.ledger.models import Transfer
from products.households import commands as households
from products.households.commands import give_consent, withdraw_consent
from products.households.consent_commands import ConsentStands, NoConsent
from products.households.models import Consent
from products.households.statement_commands import reissue_pin
from products.households.states import ConsentPurpose
from products.lots.models import Lot, LotShare
from products.stories import queries
from products.stories.commands import (
    WORDS_AT_MOST,
    NameInStory,
    NoStoryConsent,
    StoryLength,
    WordsUnfit,
    take_down,
    tell_household,
    tell_village,
)
from products.stories.models import HouseholdStory, VillageStory
from products.stories.rules import may_name_village, unfit_word
from products.stories.states import Drawing
from shop.core import db
from shop.core.audit import AuditEntry
from shop.core.errors import NotAllowed, NotFound, ReasonMissing, WrongState
from tests.world import DAY, NOW, World

NAME, STORY, PICTURE = ConsentPurpose.NAME, ConsentPurpose.STORY, ConsentPurpose.PICTURE
WORDS = "茶树比人有耐心，第三年才告诉你。"


def consent(world: World, name: str, purpose: ConsentPurpose = NAME, **changes: Any) -> None:
    facts = {"household_id": world.household(name), "on": DAY, "actor": world.manager, "now": NOW}
    give_consent(**{**facts, "purpose": purpose, **changes})


def withdraw(world: World, name: str, purpose: ConsentPurpose = NAME, **changes: Any) -> None:
    facts = {"household_id": world.household(name), "on": DAY, "actor": world.manager, "now": NOW}
    withdraw_consent(**{**facts, "purpose": purpose, **changes})


def village(world: World, **changes: Any) -> str:
    facts = {
        "village_id": world.village,
        "title": "雾里的村子",
        "title_en": "The village in the mist",
        "words": "茶坡三面。\n春雾到九点才散。",
        "words_en": "",
        "grows": "茶、水稻",
        "grows_en": "Tea, rice",
        "actor": world.manager,
        "now": NOW,
    }
    return tell_village(**{**facts, **changes})


def says(world: World, name: str, **changes: Any) -> str:
    facts = {
        "household_id": world.household(name),
        "words": WORDS,
        "words_en": "",
        "drawing": Drawing.TEA,
        "actor": world.manager,
        "now": NOW,
    }
    return tell_household(**{**facts, **changes})


def refused(refusal: type[Exception], act: Callable[..., Any], *args: Any, **facts: Any) -> None:
    """The act is refused and leaves nothing behind."""

    def rows() -> list[int]:
        with db.database().reading() as tx:
            return [
                tx.execute(select(func.count()).select_from(model)).scalar_one()
                for model in (VillageStory, HouseholdStory, Consent, AuditEntry)
            ]

    before = rows()
    with pytest.raises(refusal):
        act(*args, **facts)
    assert rows() == before


def opened(client: Any, world: World, name: str) -> Any:
    """A browser in which a household has opened its statement."""
    household = world.household(name)
    pin = reissue_pin(household_id=household, actor=world.manager, now=NOW)
    with db.database().reading() as tx:
        code = tx.execute(
            select(households.Household.code).where(households.Household.public_id == household)
        ).scalar_one()
    assert client.post("/my-statement/", data={"code": code, "pin": pin}).status_code == 303
    return client


# --- words --------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["脱贫以后", "他家是低保", "A poor family", "Poverty relief"])
def test_pity_and_standing_are_found_in_a_text(text):
    assert unfit_word(text) is not None


@pytest.mark.parametrize("text", ["乐趣无穷", "The tea pours well", "穷尽一生学炒茶"])
def test_other_words_are_left_alone(text):
    assert unfit_word(text) is None


def test_a_village_is_named_for_one_that_consents_or_for_three():
    assert [may_name_village(*one) for one in ((1, 1), (2, 0), (3, 0))] == [True, False, True]


# --- consents -----------------------------------------------------------------------------------


def test_each_purpose_is_given_and_withdrawn_by_itself(world):
    consent(world, "张桂兰", STORY)
    consent(world, "张桂兰", NAME)
    refused(ConsentStands, consent, world, "张桂兰", STORY)
    refused(NoConsent, withdraw, world, "张桂兰", PICTURE)

    withdraw(world, "张桂兰", STORY)

    with db.database().reading() as tx:
        standing = tx.execute(select(Consent.purpose).where(Consent.withdrawn_on.is_(None)))
        assert list(standing.scalars()) == [NAME]


def test_the_cooperatives_list_has_every_purpose_with_its_dates(client, world):
    consent(world, "张桂兰", NAME)
    consent(world, "李长根", STORY)
    withdraw(world, "李长根", STORY)

    page = client.as_(world.weigher).get("/cooperative/consents/").text

    for words in ("姓氏和村名", "故事", "照片", "张桂兰", "李长根", "已撤回", "还没有人同意这一项"):
        assert words in page
    other = client.as_(world.other_manager).get("/cooperative/consents/")
    assert other.status_code == 200
    assert "张桂兰" not in other.text
    assert client.as_(world.clerk).get("/cooperative/consents/").status_code == 403


def test_the_form_to_sign_asks_for_each_purpose_and_says_how_to_withdraw(client, world):
    zhang = world.household("张桂兰")
    address = f"/cooperative/consents/of/{zhang}/consent.pdf"

    file = client.as_(world.manager).get(address)
    text = "".join(PdfReader(io.BytesIO(file.data)).pages[0].extract_text().split())

    for words in (
        "公开展示同意书",
        "张桂兰",
        "姓氏和村名",
        "故事",
        "照片",
        "怎么撤回",
        "签名或手印",
    ):
        assert words in text
    assert client.as_(world.other_manager).get(address).status_code == 404


def test_the_cooperative_notes_a_consent_to_a_story_through_its_form(client, world):
    client.as_(world.manager)
    base = f"/cooperative/households/{world.household('张桂兰')}"

    form = client.get(f"{base}/consent/give?purpose=story").text
    assert 'value="story" checked' in form
    sent = {"on": DAY.isoformat(), "purpose": "story"}
    assert client.post(f"{base}/consent/give", data=sent).status_code == 303

    with db.database().reading() as tx:
        assert tx.execute(select(Consent.purpose)).scalar_one() is STORY
    page = client.get(base).text
    assert "consent/withdraw?purpose=story" in page
    assert "consent/give?purpose=name" in page


def test_a_household_takes_its_consent_back_by_itself(client, world):
    consent(world, "张桂兰", NAME)
    consent(world, "李长根", NAME)
    opened(client, world, "张桂兰")
    assert "不再公开姓氏和村名" in client.get("/my-statement/mine").text

    answer = client.post("/my-statement/mine/consents/withdrawals", data={"purpose": "name"})

    assert answer.status_code == 303
    assert "已撤回，公开页面上已经没有了" in client.get("/my-statement/mine").text
    with db.database().reading() as tx:
        rows = tx.execute(select(Consent.withdrawn_on.is_not(None)).order_by(Consent.id)).scalars()
        assert list(rows) == [True, False]
        act = tx.execute(
            select(AuditEntry).where(AuditEntry.action == "withdraw_consent")
        ).scalar_one()
        assert act.user_id is None


@pytest.mark.parametrize("sent", [{"purpose": "story"}, {"purpose": "everything"}, {}])
def test_what_was_never_agreed_to_cannot_be_taken_back(client, world, sent):
    consent(world, "张桂兰", NAME)
    opened(client, world, "张桂兰")

    answer = client.post("/my-statement/mine/consents/withdrawals", data=sent)

    assert answer.status_code == 303
    with db.database().reading() as tx:
        assert tx.execute(select(Consent.withdrawn_on)).scalar_one() is None


def test_a_household_cannot_take_back_anothers(world):
    consent(world, "李长根", NAME)
    with db.database().reading() as tx:
        from orders.statements.queries import actor_of

        zhang = actor_of(tx, world.household("张桂兰"))

    refused(NotFound, withdraw, world, "李长根", NAME, actor=zhang)


# --- telling ------------------------------------------------------------------------------------


def test_a_village_tells_its_story_and_tells_it_anew(client, world):
    first = village(world)
    again = village(world, title="高处的茶", words="坡陡。")

    assert first == again
    page = client.get(f"/villages/{world.village}").text
    for words in ("高处的茶", "坡陡。", "900", "茶、水稻", "遂川县"):
        assert words in page
    assert "雾里的村子" not in page
    assert "高处的茶" in client.get("/villages/").text
    assert "高处的茶" in client.get("/").text


def test_a_village_without_a_story_has_its_page_and_is_in_no_list(client, world):
    assert "还没有讲自己的故事" in client.get(f"/villages/{world.village}").text
    assert "南屏村" not in client.get("/villages/").text
    assert client.get("/villages/village_0000000000000000").status_code == 404


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"words": "这里是贫困村"}, WordsUnfit),
        ({"grows_en": "a poor soil"}, WordsUnfit),
        ({"words": "张桂兰家的茶"}, NameInStory),
        ({"words": " "}, StoryLength),
        ({"title": " "}, StoryLength),
        ({"words_en": "x" * (WORDS_AT_MOST + 1)}, StoryLength),
    ],
)
def test_a_text_that_is_not_fit_is_refused(world, changes, refusal):
    refused(refusal, village, world, **changes)


def test_a_village_is_told_by_its_cooperative_and_the_operator(world):
    for refusal, who in (
        (NotAllowed, "weigher"),
        (NotFound, "other_manager"),
        (NotFound, "clerk"),
        (NotAllowed, "treasurer"),
    ):
        refused(refusal, village, world, actor=world.person(who))
    refused(NotFound, village, world, village_id="village_0000000000000000")

    assert village(world, actor=world.operator)


def test_a_household_is_heard_only_with_consent_to_its_story(world):
    refused(NoStoryConsent, says, world, "张桂兰")
    consent(world, "张桂兰", NAME)
    refused(NoStoryConsent, says, world, "张桂兰")
    consent(world, "张桂兰", STORY)
    refused(WordsUnfit, says, world, "张桂兰", words="我们家脱贫了")
    refused(NameInStory, says, world, "张桂兰", words="我叫张桂兰")
    refused(NotFound, says, world, "张桂兰", actor=world.other_manager)
    refused(NotAllowed, says, world, "张桂兰", actor=world.weigher)

    says(world, "张桂兰")

    with db.database().reading() as tx:
        (tale,) = queries.village(tx, world.village, day=DAY).tales
    assert (tale.name, tale.words, tale.drawing) == ("张桂兰", WORDS, Drawing.TEA)


def test_a_story_without_consent_to_the_name_names_nobody(client, world):
    consent(world, "张桂兰", STORY)
    says(world, "张桂兰")

    page = client.get(f"/villages/{world.village}").text

    assert WORDS in page
    assert "南屏村的一户人家" in page
    assert "张" not in page


def test_a_story_is_taken_down_with_a_reason_and_told_again(client, world):
    story = village(world)
    facts = {"story_id": story, "now": NOW}
    refused(ReasonMissing, take_down, **facts, reason="", actor=world.manager)
    refused(NotAllowed, take_down, **facts, reason="旧了", actor=world.weigher)
    refused(NotFound, take_down, **facts, reason="旧了", actor=world.other_manager)

    take_down(**facts, reason="旧了", actor=world.operator)

    assert "雾里的村子" not in client.get(f"/villages/{world.village}").text
    refused(WrongState, take_down, **facts, reason="旧了", actor=world.operator)
    village(world)
    assert "雾里的村子" in client.get(f"/villages/{world.village}").text


def test_a_households_story_is_taken_down_by_its_cooperative(client, world):
    consent(world, "张桂兰", STORY)
    story = says(world, "张桂兰")
    refused(NotFound, take_down, story_id=story, reason="x", actor=world.other_manager, now=NOW)

    take_down(story_id=story, reason="户主想改", actor=world.manager, now=NOW)

    assert WORDS not in client.get(f"/villages/{world.village}").text


def test_the_desk_offers_what_may_be_told(client, world):
    consent(world, "张桂兰", STORY)
    client.as_(world.manager)

    desk = client.get("/cooperative/stories/").text
    assert "南屏村" in desk
    assert "张桂兰" in desk
    assert "李长根" not in desk
    form = f"/cooperative/stories/of-household/{world.household('张桂兰')}"
    bad = client.post(form, data={"words": "救济", "words_en": "", "drawing": "gougunao-teji"})
    assert bad.status_code == 422
    assert "故事里不写“救济”" in bad.text
    done = client.post(form, data={"words": WORDS, "words_en": "", "drawing": "gougunao-teji"})
    assert done.status_code == 303
    assert WORDS in client.get(f"/villages/{world.village}").text
    for who, status in (("other_manager", 404), ("weigher", 403), ("clerk", 403)):
        assert client.as_(world.person(who)).get(form).status_code == status


def test_goods_stand_on_the_page_of_a_village_that_may_be_named(client, world):
    world.tins(8, {"张桂兰": 4, "李长根": 4})
    address = f"/villages/{world.village}"

    assert "gougunao-teji" not in client.get(address).text
    consent(world, "张桂兰", NAME)
    page = client.get(address).text

    assert 'href="/shop/gougunao-teji"' in page
    assert "1 个批次在卖，最近采收 2026年4月" in page


# --- withdrawing --------------------------------------------------------------------------------


def test_withdrawing_empties_every_public_page_at_once_and_leaves_the_books_alone(client, world):
    lot = world.tins(12, {"张桂兰": 4, "李长根": 4})
    purchase = world.approved(8)
    world.paid(purchase)
    world.accepted(purchase)
    world.settle()
    village(world)
    for purpose in (NAME, STORY):
        consent(world, "张桂兰", purpose)
    says(world, "张桂兰")
    with db.database().reading() as tx:
        code = tx.execute(select(Lot.trace_code).where(Lot.public_id == lot)).scalar_one()
    pages = {
        "product": "/shop/gougunao-teji",
        "trace": f"/t/{code}",
        "village": f"/villages/{world.village}",
        "villages": "/villages/",
        "front": "/",
    }
    before = {name: client.get(address) for name, address in pages.items()}
    books = _books(world)
    for name in ("product", "trace", "village"):
        assert "张**" in before[name].text, name
    assert WORDS in before["village"].text

    for purpose in (NAME, STORY):
        withdraw(world, "张桂兰", purpose)

    for name, address in pages.items():
        # The browser asks whether its copy still holds; only an unchanged page may say so.
        tag = before[name].headers.get("ETag")
        after = client.get(address, headers={"If-None-Match": tag} if tag else {})
        if name in ("product", "trace", "village"):
            assert after.status_code == 200, name
        assert "张" not in after.text.replace("张数", ""), name
        assert WORDS not in after.text
        assert "public" not in after.headers["Cache-Control"]
        assert "max-age" not in after.headers["Cache-Control"]
    assert _books(world) == books
    assert world.findings() == []


def test_an_unchanged_page_is_not_sent_again(client, world):
    consent(world, "张桂兰", NAME)
    address = f"/villages/{world.village}"
    first = client.get(address)

    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")


def _books(world: World) -> tuple[Any, ...]:
    """Everything money rests on: transfers, shares, what is payable to the household."""
    with db.database().reading() as tx:
        transfers = tx.execute(select(Transfer.debit_id, Transfer.credit_id, Transfer.amount)).all()
        shares = tx.execute(
            select(LotShare.lot_id, LotShare.household_id, LotShare.value, LotShare.version)
        ).all()
    return transfers, shares, world.payable("张桂兰")
