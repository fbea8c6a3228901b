"""The thread walked many times over: buying, paying, shipping, accepting, returning."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import count

from sqlalchemy import select

from orders.budgets.commands import set_budget
from orders.purchasing import commands as purchasing
from orders.purchasing.models import Purchase
from orders.purchasing.states import PaymentTerms
from orders.purchasing.values import uncancelled_value
from orders.receivables.commands import agree_days
from orders.receivables.reminding import remind_due
from products.catalogue.queries import offers
from shop.core import clock
from shop.core.actors import CLOCK, Actor
from shop.core.money import Money
from shop.core.permissions import Role
from shop.demo.bank import Bank
from shop.demo.books import Books
from shop.demo.people import UNIONS
from shop.demo.personal import PERSONAL, Personal
from shop.demo.purchases import HISTORY, STANDING, Plan, Stage, Transfer
from shop.demo.region import Region, actor
from shop.demo.story import Story
from shop.demo.trucks import Trucks

#: What a union has for each member and year, by purpose, in yuan.
BUDGETS = {"节日慰问": 2000, "夏送清凉": 300}

_NIGHTLY = 20

#: Where members live; every sixth has a parcel sent far, to family.
_HOME = "江西省吉安市青原大道 {number} 号 3 单元 201"
_FAR_HOME = "新疆维吾尔自治区乌鲁木齐市天山区团结路 12 号 2 单元 501"


class Buying:
    """Everybody who buys in the story, and what they do."""

    def __init__(
        self, story: Story, region: Region, bank: Bank, books: Books, trucks: Trucks
    ) -> None:
        self.story, self.region, self.bank = story, region, bank
        self.books, self.trucks = books, trucks
        self.unions = {union.code: union for union in UNIONS}
        self.budgets: dict[tuple[str, int, str], str] = {}
        self.personal_number = count(1)

    def plan(self) -> None:
        """Put every purchase into the plot, the year's budgets before them, the clock behind."""
        story = self.story
        for year in range(story.first.year, story.today.year + 1):
            story.at(clock.at(date(year, 1, 1), 8), self.set_budgets, year)
        story.at(
            clock.at(date(story.today.year, 6, 20), 9), self.set_budgets, story.today.year, 110
        )
        days = (story.today - story.first).days
        for plan in HISTORY + STANDING:
            if plan.days_ago < days - 7:
                story.at(story.ago(plan.days_ago, 10, 5), self.submit, plan)
        for own in PERSONAL:
            story.at(story.ago(own.days_ago, 12, 30), self.place, own)
        # Every night in a shop that runs; here it is told by the week, and of late by the night.
        for ago in (*range(days, _NIGHTLY, -7), *range(_NIGHTLY, -1, -1)):
            story.at(story.ago(ago, 3), self.lapse)
            story.at(story.ago(ago, 3), self.trucks.silence)
            story.at(story.ago(ago, 3), self.remind)

    def set_budgets(self, year: int, percent: int = 100) -> None:
        """Every union's finance officer enters the year's budgets, or raises them."""
        for union in UNIONS:
            for purpose, yuan in BUDGETS.items():
                self.budgets[union.code, year, purpose] = self.story.do(
                    set_budget,
                    self.region.officer(union.code, Role.FINANCE),
                    union_id=self.region.organisations[union.code],
                    year=year,
                    purpose=purpose,
                    amount=Money(union.members * yuan * percent),
                )

    # --- a union buys ---------------------------------------------------------------------------

    def submit(self, plan: Plan) -> None:
        """The clerk submits the purchase; what follows is put into the plot."""
        union = self.unions[plan.union]
        lines = self._in_stock(plan.baskets)
        if not lines:
            return
        story = self.story
        year = clock.day_of(story.now).year
        purchase = story.do(
            purchasing.submit_purchase,
            self.region.officer(plan.union, Role.CLERK),
            union_id=self.region.organisations[plan.union],
            budget_id=self.budgets[plan.union, year, plan.purpose],
            terms=PaymentTerms.AFTER if plan.after_acceptance else PaymentTerms.BEFORE,
            recipient=union.recipient,
            phone="0796-000 0100",
            address=union.address,
            note=plan.note,
            lines=lines,
        )
        if plan.sent_back:
            story.at(story.later(0, 16), self._send_back, plan, purchase)
        elif plan.cancelled:
            story.at(story.later(plan.cancel_after, 9, 40), self._cancel, plan, purchase)
        if plan.stage >= Stage.APPROVED:
            story.at(story.later(0, 15, 20), self._approve, plan, purchase)

    def _send_back(self, plan: Plan, purchase: str) -> None:
        self.story.do(
            purchasing.return_purchase,
            self.region.officer(plan.union, Role.APPROVER),
            purchase_id=purchase,
            reason=plan.sent_back,
        )

    def _cancel(self, plan: Plan, purchase: str) -> None:
        self.story.do(
            purchasing.cancel_purchase,
            self.region.officer(plan.union, Role.CLERK),
            purchase_id=purchase,
            reason=plan.cancelled,
        )

    def _approve(self, plan: Plan, purchase: str) -> None:
        story = self.story
        story.do(
            purchasing.approve_purchase,
            self.region.officer(plan.union, Role.APPROVER),
            purchase_id=purchase,
        )
        if plan.agreed_days:
            self._agree_days(plan, purchase)
        if plan.pay_after is not None:
            payer = (self.unions[plan.union].name, self._account(plan.union))
            story.at(story.later(plan.pay_after, 11), self.pay, purchase, *payer, plan.transfer)
        if plan.stage >= Stage.PART_SHIPPED:
            story.at(story.later(2, 9), self.trucks.send, plan, purchase)

    def _agree_days(self, plan: Plan, purchase: str) -> None:
        """The platform writes down what this purchase's contract says of paying."""
        number = self.story.tx.execute(
            select(Purchase.number).where(Purchase.public_id == purchase)
        ).scalar_one()
        self.story.do(
            agree_days,
            self.region.person("operator"),
            number=number,
            days=plan.agreed_days,
            ground="采购合同第五条：验收后凭发票付款。",
        )

    # --- a member buys --------------------------------------------------------------------------

    def place(self, plan: Personal) -> None:
        """A member buys for themselves; what follows is put into the plot."""
        lines = self._in_stock(plan.baskets)
        if not lines:
            return
        story = self.story
        buyer = self._buyer(plan)
        number = next(self.personal_number)
        purchase = story.do(
            purchasing.place_retail,
            buyer,
            lines=lines,
            recipient=buyer.name,
            phone=f"100{90000000 + number:08d}",
            address=_HOME.format(number=100 + number) if number % 6 else _FAR_HOME,
            note="",
        )
        if plan.stage >= Stage.PAID:
            account = f"8340 0000 0000 {number:04d}"
            story.at(story.later(0, 14), self.pay, purchase, buyer.name, account)
        if plan.cancelled:
            story.at(story.later(2, 8, 30), self._cancel_own, plan, purchase)
        if plan.stage >= Stage.SHIPPED:
            story.at(story.later(1, 9, 30), self.trucks.send_personal, plan, purchase, buyer)

    def _cancel_own(self, plan: Personal, purchase: str) -> None:
        self.story.do(
            purchasing.cancel_purchase,
            self._buyer(plan),
            purchase_id=purchase,
            reason=plan.cancelled,
        )

    def _buyer(self, plan: Personal) -> Actor:
        if plan.buyer < 0:
            return self.region.person("member")
        return actor(self.story, self.region.members[plan.buyer])

    # --- for both -------------------------------------------------------------------------------

    def pay(
        self, purchase_id: str, name: str, account: str, how: Transfer = Transfer.CODED
    ) -> None:
        """A bank transfer for a purchase reaches the custody account."""
        purchase = self.story.tx.execute(
            select(Purchase).where(Purchase.public_id == purchase_id)
        ).scalar_one()
        amount = uncancelled_value(self.story.tx, purchase.id)
        memo = f"货款 {purchase.reference}"
        if how is Transfer.BLIND:
            memo = "慰问品货款"
            self.story.at(self.story.later(1, 8), self.books.match_by_hand, purchase_id)
        elif how is Transfer.PARTIAL:
            amount = Money(amount.fen // 2)
        self.bank.credit(self.story.now, amount, name, account, memo)

    def lapse(self) -> None:
        """What waited too long lapses, as every night."""
        self.story.do(purchasing.lapse_due, CLOCK)

    def remind(self) -> None:
        """Unions that owe are reminded, as every night."""
        self.story.do(remind_due, CLOCK)

    @staticmethod
    def _account(union: str) -> str:
        return f"8330 0000 0000 {[u.code for u in UNIONS].index(union):04d}"

    def _in_stock(self, baskets: tuple[Mapping[str, int], ...]) -> tuple[tuple[str, int], ...]:
        """The lines of the first basket that can be had whole today."""
        ids = self.region.specifications
        day = clock.day_of(self.story.now)
        for basket in baskets:
            found = offers(self.story.tx, [ids[slug] for slug in basket], day)
            if all(
                ids[slug] in found and found[ids[slug]].available >= units
                for slug, units in basket.items()
            ):
                return tuple((ids[slug], units) for slug, units in basket.items())
        return ()
