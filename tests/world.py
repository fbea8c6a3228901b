"""The fixed cast of the tests, and short ways to say what they do.

The cast is written once into the template database by `fill`; `World` finds it again in each
test's own copy. Everything goes through the commands people use.

People: 王梅 drafts for the union (clerk), 陈立 approves, 赵敏 keeps its money, 孙浩 receives goods,
何静 audits the union, 周杰 is a member who buys for himself. 刘青山 manages the cooperative,
罗秀 weighs. 吴越 operates the platform, 郑和 is its treasurer, 冯原 audits everything.
外人 is a clerk of another union who must see nothing. 张桂兰, 李长根 and 黄水生 are households.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from orders.books.checks import Finding, check_books
from orders.budgets.commands import set_budget
from orders.ledger import posting
from orders.ledger.states import AccountKind
from orders.payments.commands import import_statement
from orders.payouts.commands import approve_batch, draft_batch, export_batch, import_results
from orders.payouts.models import PayoutBatch, PayoutItem
from orders.payouts.states import PayoutKind
from orders.purchasing.commands import approve_purchase, place_retail, submit_purchase
from orders.purchasing.models import Allocation, Order, OrderLine, Purchase
from orders.purchasing.states import PaymentTerms
from orders.settlements.commands import approve_run, draft_run
from orders.settlements.models import SettlementRun
from orders.shipments.accepting import sign_first, sign_second
from orders.shipments.commands import ship
from orders.shipments.models import Acceptance, AcceptanceLine, Shipment
from products.catalogue import commands as catalogue
from products.catalogue.rules import Composition
from products.catalogue.states import Category
from products.certificates.commands import set_certificate_rule
from products.households import commands as households
from products.households.models import Household, Village
from products.households.states import HouseholdStanding
from products.lots import commands as lots
from products.lots.models import Lot, Process
from products.lots.processes import add_process
from products.lots.states import LeafPayment
from products.lots.weighing import weigh_in
from shop.core import clock, db, vault
from shop.core.actors import CLOCK, Actor
from shop.core.money import ZERO, Money, yuan
from shop.core.permissions import Role
from shop.identity.commands import register_user
from shop.identity.models import User
from shop.organisations import commands as organisations
from shop.organisations import queries
from shop.organisations.models import Organisation, OrganisationKind
from tests.prices import priced

DAY = date(2026, 4, 20)
NOW = clock.at(DAY, 10)
PASSWORD = "mountain-goods-2026"
KEYS = {"test": bytes(range(32))}

PEOPLE: tuple[tuple[str, str, str, Role], ...] = (
    ("clerk", "王梅", "GH", Role.CLERK),
    ("approver", "陈立", "GH", Role.APPROVER),
    ("finance", "赵敏", "GH", Role.FINANCE),
    ("receiver", "孙浩", "GH", Role.RECEIVER),
    ("union_auditor", "何静", "GH", Role.UNION_AUDITOR),
    ("member", "周杰", "GH", Role.MEMBER),
    ("manager", "刘青山", "TH", Role.MANAGER),
    ("weigher", "罗秀", "TH", Role.WEIGHER),
    ("operator", "吴越", "PT", Role.OPERATOR),
    ("treasurer", "郑和", "PT", Role.TREASURER),
    ("auditor", "冯原", "PT", Role.AUDITOR),
    ("stranger", "外人", "WG", Role.CLERK),
    ("stranger_approver", "方正", "WG", Role.APPROVER),
    ("other_manager", "谢远", "YL", Role.MANAGER),
)

#: Per union: who drafts and signs first, who approves, who signs second.
BUYERS = {
    "GH": ("clerk", "approver", "receiver"),
    "WG": ("stranger", "stranger_approver", "stranger_approver"),
}

TIN = Composition(
    price=yuan("238.00"),
    households=yuan("142.80"),
    processing=yuan("47.60"),
    packing=yuan("16.66"),
    freight=yuan("14.28"),
    cooperative=yuan("16.66"),
    platform=ZERO,
    tax=ZERO,
)


TEA_STEPS = (
    ("拣青", "Sorting the leaf"),
    ("杀青", "Fixing"),
    ("揉捻", "Rolling"),
    ("复炒", "Second firing"),
    ("提毫", "Raising the down"),
    ("足干", "Final drying"),
)


def fill(url: str) -> None:
    """Write the cast into a migrated database."""
    db.connect(url)
    vault.configure(KEYS)
    organisations.add_county(
        code="suichuan", name="遂川县", name_en="Suichuan", province="江西", column=3, row=3
    )
    organisations.add_county(
        code="yanling", name="炎陵县", name_en="Yanling", province="湖南", column=1, row=3
    )
    codes = {
        "PT": _organisation(OrganisationKind.PLATFORM, "PT", "山货平台"),
        "GH": _organisation(OrganisationKind.UNION, "GH", "县直机关工会"),
        "WG": _organisation(OrganisationKind.UNION, "WG", "外单位工会"),
        "TH": _organisation(OrganisationKind.COOPERATIVE, "TH", "汤湖茶叶合作社", "suichuan"),
        "YL": _organisation(OrganisationKind.COOPERATIVE, "YL", "炎陵黄桃合作社", "yanling"),
        "YD": _organisation(OrganisationKind.CARRIER, "YD", "山路快运"),
    }
    for key, name, code, role in PEOPLE:
        user = register_user(
            name=name,
            email=f"{key}@test.example",
            password=PASSWORD if key == "clerk" else None,
            now=NOW,
        )
        organisations.grant_role(
            user_id=user, organisation_id=codes[code], role=role, actor=CLOCK, now=NOW
        )
    for code in ("TH", "YD"):
        organisations.set_organisation_account(
            organisation_id=codes[code],
            holder={"TH": "汤湖茶叶合作社", "YD": "山路快运"}[code],
            number=f"1502060109300{code == 'TH':d}12345",
            bank="示范银行遂川支行",
            cnaps="104428000011",
            actor=CLOCK,
            now=NOW,
        )
    village = households.add_village(
        county="suichuan",
        township="汤湖镇",
        name="南屏村",
        name_en="Nanping",
        altitude_m=900,
        actor=CLOCK,
        now=NOW,
    )
    for number, name in enumerate(("张桂兰", "李长根", "黄水生"), start=1):
        household = households.register_household(
            cooperative_id=codes["TH"],
            village_id=village,
            name=name,
            identity="",
            phone="",
            standing=HouseholdStanding.ORDINARY,
            since=DAY - timedelta(days=365),
            actor=CLOCK,
            now=NOW,
        )
        households.set_household_account(
            household_id=household,
            holder=name,
            number=f"62220215020{number:08d}",
            bank="示范银行遂川支行",
            cnaps="104428000011",
            actor=CLOCK,
            now=NOW,
        )
    add_process(
        cooperative_id=None,
        category=Category.TEA,
        name="绿茶初制",
        name_en="Green tea, first processing",
        makes="狗牯脑毛茶",
        makes_en="Gougunao rough tea",
        steps=TEA_STEPS,
        actor=CLOCK,
        now=NOW,
    )
    for category in (Category.TEA, Category.FRUIT):
        set_certificate_rule(
            category=category, from_day=date(2026, 2, 1), demanded=True, actor=CLOCK, now=NOW
        )
    product = catalogue.add_product(
        cooperative_id=codes["TH"],
        county="suichuan",
        slug="gougunao-teji",
        name="狗牯脑绿茶 特级",
        name_en="Gougunao green tea, superior",
        category=Category.TEA,
        shelf_life_days=540,
        actor=CLOCK,
        now=NOW,
    )
    specification = catalogue.add_specification(
        product_id=product,
        name="250 克罐装",
        name_en="250 g tin",
        unit="罐",
        unit_en="tin",
        net_grams=250,
        actor=CLOCK,
        now=NOW,
    )
    priced(specification, DAY - timedelta(days=60), TIN)
    db.database().close()


def _organisation(kind: OrganisationKind, code: str, name: str, county: str | None = None) -> str:
    return organisations.add_organisation(
        kind=kind, code=code, name=name, name_en=code, county=county, actor=CLOCK, now=NOW
    )


@dataclass(eq=False)
class World:
    """The cast in one test's database. Every short way returns public ids."""

    now: datetime = NOW

    def __getattr__(self, key: str) -> Actor:
        if key not in {person[0] for person in PEOPLE}:
            raise AttributeError(key)
        return self.person(key)

    @functools.cache  # noqa: B019 (a world lives as long as its test)
    def person(self, key: str) -> Actor:
        """The actor of one of the cast."""
        with db.database().reading() as tx:
            user = tx.execute(select(User).where(User.email == f"{key}@test.example")).scalar_one()
            return queries.actor_of(tx, user)

    def organisation(self, code: str) -> str:
        """GH and WG are unions, TH and YL cooperatives, YD a carrier, PT the platform."""
        return self._one(select(Organisation.public_id).where(Organisation.code == code))

    def organisation_key(self, code: str) -> int:
        """The internal key of an organisation."""
        return self._one(select(Organisation.id).where(Organisation.code == code))

    def household(self, name: str) -> str:
        """张桂兰, 李长根 or 黄水生."""
        return self._one(select(Household.public_id).where(Household.name == name))

    def household_key(self, name: str) -> int:
        """The internal key of a household."""
        return self._one(select(Household.id).where(Household.name == name))

    @property
    def village(self) -> str:
        """南屏村."""
        return self._one(select(Village.public_id))

    @property
    def tin(self) -> str:
        """The specification: Gougunao tea, superior, 250 g at ¥238.00."""
        from products.catalogue.models import Product, Specification

        return self._one(
            select(Specification.public_id)
            .join(Product, Product.id == Specification.product_id)
            .where(Product.slug == "gougunao-teji")
        )

    @property
    def tea_process(self) -> str:
        """绿茶初制, offered to all: leaf into rough tea."""
        return self._one(
            select(Process.public_id).where(
                Process.category == Category.TEA, Process.cooperative_id.is_(None)
            )
        )

    def lot_key(self, lot_id: str) -> int:
        """The internal key of a lot."""
        return self._one(select(Lot.id).where(Lot.public_id == lot_id))

    def delivery(
        self,
        household: str,
        kg: int,
        price: str,
        *,
        paid: bool = True,
        certificate: str = "CN-0001",
    ) -> str:
        """Leaf of a household weighed in at so many yuan per kg; returns its lot."""
        return weigh_in(
            household_id=self.household(household),
            plot_id=None,
            category=Category.TEA,
            name="狗牯脑鲜叶",
            grade="一芽一叶",
            grams=kg * 1000,
            fen_per_kg=yuan(price).fen,
            payment=LeafPayment.PAID if paid else LeafPayment.CONSIGNMENT,
            certificate=certificate,
            actor=self.weigher,
            now=self.now,
        )

    def rough(self, inputs: Iterable[tuple[str, int]], kg: int) -> str:
        """Rough tea of so many kg made from lots and grams."""
        return lots.process(
            cooperative_id=self.organisation("TH"),
            process_id=self.tea_process,
            inputs=tuple(inputs),
            grams=kg * 1000,
            grade="特级",
            steps=tuple((position, "") for position in range(1, len(TEA_STEPS) + 1)),
            note="",
            actor=self.manager,
            now=self.now,
        )

    def packed(self, inputs: Iterable[tuple[str, int]], units: int) -> str:
        """Tins packed from lots and grams."""
        return lots.pack(
            cooperative_id=self.organisation("TH"),
            inputs=tuple(inputs),
            specification_id=self.tin,
            units=units,
            certificate="",
            best_before=None,
            note="",
            actor=self.manager,
            now=self.now,
        )

    def tins(self, units: int, leaf: Mapping[str, int] | None = None) -> str:
        """A packed lot of so many tins behind which stand these households' kg at ¥100, paid."""
        leaf = leaf or {"张桂兰": units, "李长根": units}
        deliveries = [(self.delivery(who, kg, "100"), kg * 1000) for who, kg in leaf.items()]
        whole = sum(grams for _, grams in deliveries)
        kilos = -(-units * 250 // 1000)
        assert kilos * 1000 <= whole
        rough = self.rough(deliveries, kilos)
        return self.packed([(rough, units * 250)], units)

    def budget(self, amount: str, year: int = 2026, purpose: str = "端午慰问") -> str:
        """A budget of the union; returns its id."""
        return set_budget(
            union_id=self.organisation("GH"),
            year=year,
            purpose=purpose,
            amount=yuan(amount),
            actor=self.finance,
            now=self.now,
        )

    def submitted(
        self,
        units: int,
        *,
        terms: PaymentTerms = PaymentTerms.BEFORE,
        budget_id: str | None = None,
        union: str = "GH",
    ) -> str:
        """A purchase of tins submitted by the union's clerk."""
        return submit_purchase(
            union_id=self.organisation(union),
            budget_id=budget_id,
            terms=terms,
            recipient="孙浩",
            phone="0796-1234567",
            address="遂川县泉江镇示范路 1 号",
            note="",
            lines=((self.tin, units),),
            actor=self.person(BUYERS[union][0]),
            now=self.now,
        )

    def approved(
        self,
        units: int,
        *,
        terms: PaymentTerms = PaymentTerms.BEFORE,
        budget_id: str | None = None,
        union: str = "GH",
    ) -> str:
        """A purchase of tins submitted and approved."""
        purchase = self.submitted(units, terms=terms, budget_id=budget_id, union=union)
        approver = self.person(BUYERS[union][1])
        approve_purchase(purchase_id=purchase, actor=approver, now=self.now)
        return purchase

    def retail(self, units: int) -> str:
        """Tins the member buys for himself."""
        return place_retail(
            lines=((self.tin, units),),
            recipient="周杰",
            phone="13800000000",
            address="遂川县泉江镇示范路 2 号",
            note="",
            actor=self.member,
            now=self.now,
        )

    def statement_file(
        self, *lines: tuple[str, str], opening: str = "1000000.00", serial: str = "S"
    ) -> bytes:
        """A bank's file of (amount, memo) lines; a minus sign means money out."""
        balance = yuan(opening)
        rows = ["交易时间,收支方向,金额,余额,对方户名,对方账号,附言,流水号"]
        for number, (amount, memo) in enumerate(lines, start=1):
            moved = yuan(amount)
            balance += moved
            direction, size = ("支出", -moved) if moved < ZERO else ("收入", moved)
            at = self.now + timedelta(minutes=number)
            rows.append(
                f"{at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M:%S},{direction},{size},{balance},"
                f"县直机关工会,36050181010000001234,{memo},{serial}{number:06d}"
            )
        return ("\r\n".join(rows) + "\r\n").encode("gb18030")

    def paid(self, purchase_id: str, amount: str | None = None, *, serial: str = "P") -> str:
        """The bank's statement with the buyer's transfer for a purchase; returns its id."""
        with db.database().reading() as tx:
            purchase = tx.execute(
                select(Purchase).where(Purchase.public_id == purchase_id)
            ).scalar_one()
        return import_statement(
            file_name="流水.csv",
            content=self.statement_file(
                (amount or str(purchase.total), f"货款 {purchase.reference}"),
                serial=f"{serial}{purchase.reference}",
            ),
            actor=self.operator,
            now=self.now,
        )

    def orders(self, purchase_id: str) -> list[str]:
        """The orders of a purchase."""
        return self._all(
            select(Order.public_id)
            .join(Purchase, Purchase.id == Order.purchase_id)
            .where(Purchase.public_id == purchase_id)
            .order_by(Order.id)
        )

    def order_key(self, purchase_id: str) -> int:
        """The internal key of a purchase's first order."""
        return self._one(select(Order.id).where(Order.public_id == self.orders(purchase_id)[0]))

    def allocations(self, order_id: str) -> list[tuple[str, int]]:
        """(public id, units not shipped yet) of every allocation of an order."""
        with db.database().reading() as tx:
            rows = tx.execute(
                select(
                    Allocation.public_id,
                    Allocation.units - Allocation.cancelled_units - Allocation.shipped_units,
                )
                .join(OrderLine, OrderLine.id == Allocation.line_id)
                .join(Order, Order.id == OrderLine.order_id)
                .where(Order.public_id == order_id)
                .order_by(Allocation.id)
            )
            return [(key, left) for key, left in rows]

    def shipped(self, purchase_id: str, units: int | None = None) -> str:
        """Ship the first order of a purchase, whole or so many units; returns the shipment."""
        order = self.orders(purchase_id)[0]
        lines = []
        for key, left in self.allocations(order):
            take = left if units is None else min(units, left)
            if units is not None:
                units -= take
            if take:
                lines.append((key, take))
        return ship(
            order_id=order,
            carrier_id=self.organisation("YD"),
            waybill="SF0001",
            parcels=1,
            lines=tuple(lines),
            actor=self.manager,
            now=self.now,
        )

    def signed_once(
        self, shipment_id: str, *, short: int = 0, damaged: int = 0, union: str = "GH"
    ) -> str:
        """The union's clerk counted a shipment and signed first; returns the acceptance."""
        from orders.shipments.models import ShipmentLine

        with db.database().reading() as tx:
            rows = tx.execute(
                select(Allocation.public_id, ShipmentLine.units)
                .join(ShipmentLine, ShipmentLine.allocation_id == Allocation.id)
                .join(Shipment, Shipment.id == ShipmentLine.shipment_id)
                .where(Shipment.public_id == shipment_id)
                .order_by(ShipmentLine.id)
            ).all()
        counts = []
        for key, units in rows:
            missing, broken = min(short, units), min(damaged, units - min(short, units))
            short, damaged = short - missing, damaged - broken
            counts.append((key, units - missing - broken, missing, broken, ""))
        return sign_first(
            shipment_id=shipment_id,
            counts=tuple(counts),
            note="",
            actor=self.person(BUYERS[union][0]),
            now=self.now,
        )

    def accepted(
        self, purchase_id: str, *, short: int = 0, damaged: int = 0, union: str = "GH"
    ) -> str:
        """Ship what is left of a purchase's first order and have two people accept it."""
        acceptance = self.signed_once(
            self.shipped(purchase_id), short=short, damaged=damaged, union=union
        )
        second = self.person(BUYERS[union][2])
        sign_second(acceptance_id=acceptance, actor=second, now=self.now)
        return acceptance

    def accepted_lines(self, acceptance_id: str) -> list[str]:
        """The lines of an acceptance, for returning goods."""
        return self._all(
            select(AcceptanceLine.public_id)
            .join(Acceptance, Acceptance.id == AcceptanceLine.acceptance_id)
            .where(Acceptance.public_id == acceptance_id)
            .order_by(AcceptanceLine.id)
        )

    def settle(self) -> None:
        """The operator drafts a settlement run over everything and the treasurer approves it."""
        run = draft_run(cooperative_id=None, actor=self.operator, now=self.now)
        seen = self._one(select(SettlementRun.seen_hash).where(SettlementRun.public_id == run))
        approve_run(run_id=run, seen_hash=seen, actor=self.treasurer, now=self.now)

    def new_card(self, household: str, number: str = "6222021502099999999") -> str:
        """The manager proposes another card for a household, the treasurer confirms it."""
        change = households.propose_household_account(
            household_id=self.household(household),
            holder=household,
            number=number,
            bank="示范银行遂川支行",
            cnaps="104428000011",
            reason="原来的卡不能用",
            actor=self.manager,
            now=self.now,
        )
        return organisations.confirm_account(
            change_id=change, last4=number[-4:], actor=self.treasurer, now=self.now
        )

    def pay_out(self, *kinds: PayoutKind) -> str:
        """Everybody of these kinds (all, if none) is paid as far as the bank file; returns it."""
        batch = draft_batch(kinds=kinds or tuple(PayoutKind), actor=self.operator, now=self.now)
        seen = self._one(select(PayoutBatch.seen_hash).where(PayoutBatch.public_id == batch))
        approve_batch(batch_id=batch, seen_hash=seen, actor=self.treasurer, now=self.now)
        export_batch(batch_id=batch, actor=self.operator, now=self.now)
        return batch

    def bank_answers(self, batch_id: str, *, refused: Iterable[str] = ()) -> None:
        """The bank's result for a batch: these holders' rows failed, the others succeeded."""
        with db.database().reading() as tx:
            rows = tx.execute(
                select(PayoutItem.reference, PayoutItem.holder)
                .join(PayoutBatch, PayoutBatch.id == PayoutItem.batch_id)
                .where(PayoutBatch.public_id == batch_id)
                .order_by(PayoutItem.position)
            ).all()
        refused = set(refused)
        lines = ["业务参考号,状态,原因,处理时间"]
        for reference, holder in rows:
            outcome = "失败,账号户名不符" if holder in refused else "成功,"
            at = self.now.astimezone(clock.SHANGHAI)
            lines.append(f"{reference},{outcome},{at:%Y-%m-%d %H:%M:%S}")
        import_results(
            batch_id=batch_id,
            file_name="回盘.csv",
            content=("\r\n".join(lines) + "\r\n").encode("gb18030"),
            actor=self.operator,
            now=self.now,
        )

    def findings(self) -> list[Finding]:
        """What `check-books` finds; nothing, if all is well."""
        with db.database().reading() as tx:
            return check_books(tx)

    def balance(self, kind: AccountKind, owner_id: int = 0) -> Money:
        """What lies in a ledger account."""
        with db.database().reading() as tx:
            return posting.balance(tx, kind, owner_id)

    def payable(self, household: str) -> Money:
        """What a household is owed and not yet paid."""
        return self.balance(AccountKind.HOUSEHOLD_PAYABLE, self.household_key(household))

    def _one(self, statement):  # type: ignore[no-untyped-def]
        with db.database().reading() as tx:
            return tx.execute(statement).scalar_one()

    def _all(self, statement):  # type: ignore[no-untyped-def]
        with db.database().reading() as tx:
            return list(tx.execute(statement).scalars())
