"""The stage of a scenario: an empty database, and one of everybody a scenario needs."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.payments.layouts.shipped import LAYOUTS
from orders.payments.layouts.store import as_values
from orders.payments.models import BankLayout
from orders.payments.states import LayoutState
from products.households.commands import (
    add_village,
    propose_household_account,
    register_household,
    set_household_account,
)
from products.households.models import Household
from products.households.states import HouseholdStanding
from shop import tables
from shop.core import clock, db, vault
from shop.core.actors import CLOCK, Actor
from shop.core.permissions import Role
from shop.identity.commands import register_user
from shop.identity.models import User
from shop.organisations.account_changes import confirm_account
from shop.organisations.commands import add_county, add_organisation, grant_role
from shop.organisations.models import OrganisationKind
from shop.organisations.queries import actor_of

#: The day on which every scenario begins.
DAY = date(2026, 4, 20)
BANK, CNAPS = "示范银行遂川支行", "104428000011"

PLATFORM, UNION, COOPERATIVE, CARRIER = "QPT", "QGH", "QHZ", "QCY"
_ORGANISATIONS = (
    (PLATFORM, OrganisationKind.PLATFORM, "平台"),
    (UNION, OrganisationKind.UNION, "工会"),
    (COOPERATIVE, OrganisationKind.COOPERATIVE, "合作社"),
    (CARRIER, OrganisationKind.CARRIER, "承运商"),
)
_PEOPLE = (
    ("clerk", UNION, Role.CLERK),
    ("approver", UNION, Role.APPROVER),
    ("manager", COOPERATIVE, Role.MANAGER),
    ("operator", PLATFORM, Role.OPERATOR),
    ("treasurer", PLATFORM, Role.TREASURER),
)


def furnish(opened: db.Database) -> None:
    """Make every table and trigger in a database without any, and what a shop begins with."""
    tables.create(opened.engine)
    with opened.writing() as tx:
        tx.add_all(
            BankLayout(
                state=LayoutState.ACTIVE,
                version=1,
                added_at=clock.at(DAY, 0),
                **as_values(layout),
            )
            for layout in LAYOUTS
        )


@contextmanager
def empty_database() -> Iterator[db.Database]:
    """A database in memory for this process, with every table and trigger; gone at the end.

    What is sealed in it is sealed with a key that nobody keeps.
    """
    opened = db.connect("sqlite:///:memory:")
    vault.configure({"scenario": secrets.token_bytes(32)})
    try:
        furnish(opened)
        yield opened
    finally:
        opened.close()


@dataclass(eq=False)
class Stage:
    """Who acts in a scenario, by public ids. `now` moves on with every event.

    `households` are those of the file by the shop's ids, which stand in the same order: ties are
    decided as if the file's ids were the shop's.
    """

    now: datetime
    people: dict[str, Actor]
    organisations: dict[str, str]
    households: dict[str, str]
    cards: int = 0

    def key_of(self, tx: Session, household: str) -> int:
        """The internal key of a household of the file."""
        return tx.execute(
            select(Household.id).where(Household.public_id == self.households[household])
        ).scalar_one()

    def person(self, key: str) -> Actor:
        """One of `_PEOPLE`."""
        return self.people[key]

    def give_card(self, household: str) -> None:
        """A household of the file gets a card it has not had before."""
        self.cards += 1
        number = f"{62220215:08d}{self.cards:011d}"
        first = self.cards <= len(self.households)
        give: Callable[..., str] = set_household_account if first else propose_household_account
        change = give(
            household_id=self.households[household],
            holder="农户",
            number=number,
            bank=BANK,
            cnaps=CNAPS,
            actor=self.person("manager"),
            now=self.now,
            **({} if first else {"reason": "银行退回"}),
        )
        if first:
            return
        confirm_account(
            change_id=change, last4=number[-4:], actor=self.person("treasurer"), now=self.now
        )


def set_up(names: Sequence[str]) -> Stage:
    """Fill an empty database with the cast and these households (in byte order of their ids)."""
    now = clock.at(DAY, 8)
    add_county(code="scenario", name="情景县", name_en="Scenario", province="江西", column=0, row=0)
    organisations = {
        code: add_organisation(
            kind=kind,
            code=code,
            name=f"情景{name}",
            name_en=code,
            county="scenario" if kind is OrganisationKind.COOPERATIVE else None,
            actor=CLOCK,
            now=now,
        )
        for code, kind, name in _ORGANISATIONS
    }
    emails = [f"{key}@scenario.example" for key, _code, _role in _PEOPLE]
    for email, (key, code, role) in zip(emails, _PEOPLE, strict=True):
        user = register_user(name=key, email=email, password=None, now=now)
        grant_role(
            user_id=user, organisation_id=organisations[code], role=role, actor=CLOCK, now=now
        )
    with db.database().reading() as tx:
        people = {
            user.email.partition("@")[0]: actor_of(tx, user)
            for user in tx.execute(select(User).where(User.email.in_(emails))).scalars()
        }
    village = add_village(
        county="scenario",
        township="情景乡",
        name="情景村",
        name_en="Scenario",
        altitude_m=None,
        actor=CLOCK,
        now=now,
    )
    public_ids = sorted(
        register_household(
            cooperative_id=organisations[COOPERATIVE],
            village_id=village,
            name="农户",
            identity="",
            phone="",
            standing=HouseholdStanding.ORDINARY,
            since=DAY - timedelta(days=365),
            actor=people["manager"],
            now=now,
        )
        for _name in names
    )
    stage = Stage(now, people, organisations, dict(zip(names, public_ids, strict=True)))
    for name in names:
        stage.give_card(name)
    return stage
