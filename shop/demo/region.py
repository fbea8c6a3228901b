"""Setting the region up: counties, organisations, people, goods with prices, households."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from products.catalogue import commands as catalogue
from products.households import commands as households
from products.households.states import HouseholdStanding
from products.prices.deciding import approve
from products.prices.drafting import draft_price
from products.prices.rules import PARTS
from shop.core import clock
from shop.core.actors import CLOCK, Actor
from shop.core.permissions import Role
from shop.demo import people, processes
from shop.demo.cooperatives import COOPERATIVES, CooperativePlan
from shop.demo.counties import COUNTIES
from shop.demo.goods import Good
from shop.demo.goods_fruit import FRUIT
from shop.demo.goods_pantry import PANTRY
from shop.demo.goods_tea import TEAS
from shop.demo.people import HouseholdPlan
from shop.demo.story import Story
from shop.identity.commands import register_user
from shop.identity.models import User
from shop.organisations import commands as organisations
from shop.organisations.models import OrganisationKind as K
from shop.organisations.queries import actor_of

#: What every named demo person signs in with; the command prints it, and it opens nothing else.
PASSWORD = "shanhuo-demo"  # noqa: S105 (meant to be known)

GOODS = {good.slug: good for good in TEAS + FRUIT + PANTRY}
BANK, CNAPS = "示范农商银行", "402000000001"
_MU_M2 = 667


@dataclass(frozen=True, slots=True)
class Home:
    """A registered household: its plan and its public ids."""

    plan: HouseholdPlan
    id: str
    plot: str


@dataclass
class Region:
    """What has been made known so far, by the names the plan uses."""

    organisations: dict[str, str] = field(default_factory=dict)
    people: dict[str, Actor] = field(default_factory=dict)
    members: list[str] = field(default_factory=list)
    managers: dict[str, Actor] = field(default_factory=dict)
    specifications: dict[str, str] = field(default_factory=dict)
    homes: dict[str, list[Home]] = field(default_factory=dict)
    cooperative_of: dict[str, CooperativePlan] = field(default_factory=dict)

    def person(self, short: str) -> Actor:
        """A named demo person: ``clerk`` is clerk@demo.example."""
        return self.people[f"{short}@demo.example"]

    def officer(self, union: str, role: Role) -> Actor:
        """Whoever holds a role in a union."""
        return self.people[f"{union}:{role.value}"]


def set_up(story: Story) -> Region:
    """Make the whole region known on the story's first day."""
    region = Region()
    for county in COUNTIES:
        organisations.add_county.function(
            story.tx,
            code=county.code,
            name=county.name,
            name_en=county.name_en,
            province=county.province,
            column=county.column,
            row=county.row,
        )
    _organisations(story, region)
    _sign_ins(story, region)
    for cooperative in COOPERATIVES:
        region.cooperative_of[cooperative.county] = cooperative
    for good in GOODS.values():
        _list(story, region, good)
    processes.set_up(story)
    _households(story, region)
    _members(story, region)
    return region


def _organisations(story: Story, region: Region) -> None:
    code, name, name_en = people.PLATFORM
    _add(story, region, K.PLATFORM, code, name, name_en, contact="何静")
    for union in people.UNIONS:
        _add(
            story,
            region,
            K.UNION,
            union.code,
            union.name,
            union.name_en,
            member_count=union.members,
            contact=union.recipient,
            address=union.address,
        )
    for plan in COOPERATIVES:
        _add(
            story,
            region,
            K.COOPERATIVE,
            plan.code,
            plan.name,
            plan.name_en,
            county=plan.county,
            contact=plan.manager,
            address=plan.villages[0].township + plan.villages[0].name,
        )
    for code, name, name_en, contact in people.CARRIERS:
        _add(story, region, K.CARRIER, code, name, name_en, contact=contact)


def _add(
    story: Story, region: Region, kind: K, code: str, name: str, name_en: str, **more: Any
) -> None:
    place = len(region.organisations)
    region.organisations[code] = story.do(
        organisations.add_organisation,
        CLOCK,
        kind=kind,
        code=code,
        name=name,
        name_en=name_en,
        credit_code=f"93DEMO{place:012d}",
        phone=f"0796-000 {place:04d}",
        **more,
    )
    if kind in (K.COOPERATIVE, K.CARRIER):
        story.do(
            organisations.set_organisation_account,
            CLOCK,
            organisation_id=region.organisations[code],
            holder=name,
            number=f"8320 0000 {place:04d} {(6100 + 53 * place) % 10_000:04d}",
            bank=BANK,
            cnaps=CNAPS,
        )


def _person(
    story: Story, region: Region, name: str, email: str, password: str | None, code: str, role: Role
) -> str:
    user_id = register_user.function(
        story.tx, name=name, email=email, password=password, now=story.now
    )
    story.do(
        organisations.grant_role,
        CLOCK,
        user_id=user_id,
        organisation_id=region.organisations[code],
        role=role,
    )
    return user_id


def actor(story: Story, user_id: str) -> Actor:
    """A registered person as one who acts."""
    user = story.tx.execute(select(User).where(User.public_id == user_id)).scalar_one()
    return actor_of(story.tx, user)


def _sign_ins(story: Story, region: Region) -> None:
    def officer(name: str, email: str, password: str | None, code: str, role: Role) -> Actor:
        someone = actor(story, _person(story, region, name, email, password, code, role))
        region.people[email] = region.people[f"{code}:{role.value}"] = someone
        return someone

    for email, name, code, role in people.SIGN_INS:
        officer(name, email, PASSWORD, code, role)
    for place, (code, name, role) in enumerate(people.BY_LINK):
        officer(name, f"officer{place + 1}@{code.lower()}.example", None, code, role)
    for plan in COOPERATIVES:
        email = f"manager@{plan.code.lower()}.example"
        region.managers[plan.code] = region.people.get(f"{plan.code}:manager") or officer(
            plan.manager, email, None, plan.code, Role.MANAGER
        )


def _members(story: Story, region: Region) -> None:
    """Members are known by name and sign in by a link; some of them buy for themselves."""
    for union in people.UNIONS:
        officers = sum(1 for key in region.people if key.startswith(f"{union.code}:"))
        for place in range(union.members - officers):
            email = f"m{place + 1:04d}@{union.code.lower()}.example"
            name = people.staff_name(story.rng)
            region.members.append(
                _person(story, region, name, email, None, union.code, Role.MEMBER)
            )


def _list(story: Story, region: Region, good: Good) -> None:
    cooperative = region.cooperative_of[good.county]
    manager = region.managers[cooperative.code]
    product = story.do(
        catalogue.add_product,
        manager,
        cooperative_id=region.organisations[cooperative.code],
        county=good.county,
        slug=good.slug,
        name=good.name,
        name_en=good.name_en,
        category=good.category,
        grade=good.grade,
        grade_en=good.grade_en,
        season=good.season,
        season_en=good.season_en,
        story=good.story,
        story_en=good.story_en,
        geographical_indication=good.gi,
        fresh=good.fresh,
        shelf_life_days=good.shelf_days,
    )
    specification = story.do(
        catalogue.add_specification,
        manager,
        product_id=product,
        name=good.pack,
        name_en=good.pack_en,
        unit=good.unit,
        unit_en=good.unit_en,
        net_grams=good.net_grams,
    )
    parts = good.composition()
    price = story.do(
        draft_price,
        manager,
        specification_id=specification,
        from_day=story.first,
        tax_class=good.tax,
        price=parts.price,
        parts={name: getattr(parts, name) for name in PARTS},
        steps=good.ladder(),
        send=True,
    )
    story.do(approve, region.person("operator"), thing_id=price)
    region.specifications[good.slug] = specification


def _households(story: Story, region: Region) -> None:
    villages: dict[tuple[str, str], str] = {}
    by_code = {plan.code: plan for plan in COOPERATIVES}
    for cooperative in COOPERATIVES:
        for village in cooperative.villages:
            villages[cooperative.code, village.name] = story.do(
                households.add_village,
                region.managers[cooperative.code],
                county=cooperative.county,
                township=village.township,
                name=village.name,
                name_en=village.name_en,
                altitude_m=village.altitude_m,
            )
    for place, plan in enumerate(people.households(story.rng)):
        village_id = villages[plan.cooperative, plan.village]
        home = _register(story, region, by_code[plan.cooperative], plan, village_id, place)
        region.homes.setdefault(plan.cooperative, []).append(home)


def _register(
    story: Story,
    region: Region,
    cooperative: CooperativePlan,
    plan: HouseholdPlan,
    village: str,
    place: int,
) -> Home:
    manager = region.managers[plan.cooperative]
    household = story.do(
        households.register_household,
        manager,
        cooperative_id=region.organisations[plan.cooperative],
        village_id=village,
        name=plan.name,
        identity=plan.identity,
        phone=plan.phone,
        standing=HouseholdStanding.LIFTED if plan.was_lifted else plan.standing,
        since=story.first - timedelta(days=900 + place),
    )
    plot = story.do(
        households.add_plot,
        manager,
        household_id=household,
        name=f"{plan.village}{'东西南北'[place % 4]}坡",
        crop=cooperative.crop,
        area_m2=plan.mu * _MU_M2,
    )
    if plan.was_lifted:
        story.do(
            households.set_standing,
            manager,
            household_id=household,
            standing=plan.standing,
            since=story.first - timedelta(days=30),
        )
    if plan.consent != "none":
        on = clock.day_of(story.now)
        story.do(households.give_consent, manager, household_id=household, on=on)
    if plan.consent == "withdrawn":
        story.at(story.ago(20 + place % 60, 15), _withdraw, story, manager, household)
    if plan.card != "none":
        set_card(story, manager, household, plan.name, card_number(place, plan.card == "good"))
    return Home(plan, household, plot)


def card_number(place: int, good: bool) -> str:
    """A household's card number; those of 8399 do not exist at the demo bank."""
    return f"{8321 if good else 8399} 0000 {place:04d} {(3321 + 37 * place) % 10_000:04d}"


def set_card(story: Story, manager: Actor, household: str, holder: str, number: str) -> None:
    """Enter the card a household is paid on."""
    story.do(
        households.set_household_account,
        manager,
        household_id=household,
        holder=holder,
        number=number,
        bank=BANK,
        cnaps=CNAPS,
    )


def _withdraw(story: Story, manager: Actor, household: str) -> None:
    on = clock.day_of(story.now)
    story.do(households.withdraw_consent, manager, household_id=household, on=on)
