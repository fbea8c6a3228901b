"""The last days of the story: carts half full, a household's question, boxes scanned, a PIN."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from orders.purchasing.cart import set_line
from products.catalogue.queries import offers
from products.households import commands as households
from products.households.models import Household
from products.lots.models import Lot
from products.traceability.commands import count_scan
from shop.core import clock
from shop.core.actors import VISITOR, Actor
from shop.demo.people import PLATFORM, SIGN_INS
from shop.demo.region import Home, Region
from shop.demo.story import Story
from shop.identity.keys import issue
from shop.organisations.models import Organisation

#: In the carts: the clerks' lists for their unions, and what each means to buy for themselves.
_CLERK = {"gougunao-teji": 60, "ganxian-chayou-1000": 60, "jinggang-zhusun": 60}
_OWN = {"anyuan-qicheng": 1, "gougunao-yiji": 2, "xingguo-chayou": 1}


@dataclass(frozen=True, slots=True)
class Card:
    """What is printed on a household's card: with it anybody can open its statement."""

    name: str
    code: str
    pin: str


class Finale:
    """What stands open when the story ends."""

    def __init__(self, story: Story, region: Region) -> None:
        self.story, self.region = story, region
        self.card: Card | None = None

    def plan(self) -> None:
        """Put it into the plot."""
        story = self.story
        first = self.region.homes["SCTH"]
        story.at(story.ago(48, 19), self._ask, first[1], "秋茶那天记的斤两好像少了一点。", True)
        story.at(story.ago(3, 19), self._ask, first[2], "钱还没有到卡上，卡号是不是记错了？", False)
        for ago in (150, 90, 45, 20, 9, 2):
            story.at(story.ago(ago, 21), self._scan)
        story.at(story.ago(30, 10), self._open_to_programs)
        story.at(story.ago(1, 16), self._fill_carts)
        story.at(story.ago(1, 17), self._print_card, first[0])

    def _ask(self, home: Home, words: str, answered: bool) -> None:
        report = self.story.do(
            households.report_wrong, self._household(home), household_id=home.id, words=words
        )
        if answered:
            self.story.at(self.story.later(1, 9), self._answer, home, report)

    def _answer(self, home: Home, report: str) -> None:
        self.story.do(
            households.answer_report,
            self.region.managers[home.plan.cooperative],
            report_id=report,
            answer="查了磅单：篮子扣了皮重一斤二两，单子下次给您带一份。",
        )

    def _household(self, home: Home) -> Actor:
        key = self.story.tx.execute(
            select(Household.id).where(Household.public_id == home.id)
        ).scalar_one()
        return Actor(key=home.id, name=home.plan.name, household_id=key)

    def _scan(self) -> None:
        codes = self.story.tx.execute(
            select(Lot.trace_code)
            .where(Lot.trace_code.is_not(None), Lot.shipped_units > 0)
            .order_by(Lot.id)
            .limit(12)
        ).scalars()
        for code in codes.all():
            self.story.do(count_scan, VISITOR, code=code)

    def _open_to_programs(self) -> None:
        """Keys for programs; nobody keeps what opens them, so they open nothing."""
        for code, actor, name in (
            ("SCTH", self.region.managers["SCTH"], "县农产品追溯平台"),
            (PLATFORM[0], self.region.person("operator"), "县数据中心"),
        ):
            key = self.story.tx.execute(
                select(Organisation.id).where(Organisation.code == code)
            ).scalar_one()
            self.story.do(issue, actor, organisation_id=key, name=name, days=365)

    def _fill_carts(self) -> None:
        for clerk, union in (("clerk", "GXZY"), ("clerk2", "LXLK")):
            self._fill(self.region.person(clerk), _CLERK, self.region.organisations[union])
        for person in SIGN_INS:
            self._fill(self.region.people[person.email], _OWN, None)

    def _fill(self, actor: Actor, goods: dict[str, int], union: str | None) -> None:
        ids = self.region.specifications
        found = offers(self.story.tx, [ids[slug] for slug in goods], clock.day_of(self.story.now))
        for slug, units in goods.items():
            if ids[slug] in found and found[ids[slug]].available >= units:
                self.story.do(
                    set_line, actor, specification_id=ids[slug], units=units, union_id=union
                )

    def _print_card(self, home: Home) -> None:
        pin = self.story.do(
            households.reissue_pin,
            self.region.managers[home.plan.cooperative],
            household_id=home.id,
        )
        code = self.story.tx.execute(
            select(Household.code).where(Household.public_id == home.id)
        ).scalar_one()
        self.card = Card(home.plan.name, code, pin)
