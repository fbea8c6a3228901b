"""Registering households: who they are, their plots, standing, consents and cards."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from products.households.consent_commands import give_consent, withdraw_consent
from products.households.models import Household, HouseholdStatus, Plot, Village
from products.households.rules import clean_identity, clean_phone
from products.households.sealed import identity_place, opened, phone_place
from products.households.statement_commands import (
    answer_report,
    open_statement,
    reissue_pin,
    report_wrong,
)
from products.households.states import HouseholdSecret, HouseholdStanding
from products.households.steps import editable, not_ahead, record
from shop.core import audit
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound, ReasonMissing, Refusal
from shop.core.ids import new_id
from shop.core.labels import N_
from shop.core.permissions import Permission as P
from shop.core.reference import new_reference
from shop.core.vault import vault
from shop.organisations.account_changes import propose
from shop.organisations.accounts import first_account
from shop.organisations.models import County, Organisation, OrganisationKind, PayeeKind

__all__ = [
    "add_plot",
    "add_village",
    "answer_report",
    "give_consent",
    "look_at",
    "open_statement",
    "propose_household_account",
    "register_household",
    "reissue_pin",
    "report_wrong",
    "set_household_account",
    "set_standing",
    "withdraw_consent",
]


class NotAnIdentityNumber(Refusal):
    """An identity number has 18 characters and its last one checks the others."""

    code = "not_an_identity_number"
    sentence = N_("身份证号不对：应为 18 位，请对着证件再核一遍。")
    status = 422
    field = "identity"


class NotAPhoneNumber(Refusal):
    """Neither a mobile number nor a landline with its area code."""

    code = "not_a_phone_number"
    sentence = N_("电话号码不对：手机号是 11 位，座机要带区号。")
    status = 422
    field = "phone"


class AlreadyRegistered(Refusal):
    """The cooperative has a household with this identity number."""

    code = "already_registered"
    sentence = N_("这个身份证号已经登记在本合作社，户名是“%(name)s”。")
    field = "identity"


class NotACnaps(Refusal):
    """A bank's routing number (联行号) has 12 digits."""

    code = "not_a_cnaps"
    sentence = N_("联行号应为 12 位数字；不知道可以先空着。")
    status = 422
    field = "cnaps"


class StandingOutOfOrder(Refusal):
    """A standing begins after the one it follows."""

    code = "standing_out_of_order"
    sentence = N_("新的身份要从 %(day)s 之后开始。")
    status = 422
    field = "since"


@command
def add_village(
    tx: Session,
    *,
    county: str,
    township: str,
    name: str,
    name_en: str,
    altitude_m: int | None,
    actor: Actor,
    now: datetime,
) -> str:
    """Make a village known; `county` is a county's code. Returns its public id.

    Raises:
        NotFound: there is no such county.
        NotAllowed: the actor registers no households anywhere.
    """
    actor.require(P.HOUSEHOLD_EDIT)
    county_id = tx.execute(select(County.id).where(County.code == county)).scalar_one_or_none()
    if county_id is None:
        raise NotFound()
    village = Village(
        county_id=county_id, township=township, name=name, name_en=name_en, altitude_m=altitude_m
    )
    tx.add(village)
    tx.flush()
    audit.record(tx, actor=actor, now=now, kind="village", thing=village.public_id, action="add")
    return village.public_id


@command
def register_household(
    tx: Session,
    *,
    cooperative_id: str,
    village_id: str,
    name: str,
    identity: str,
    phone: str,
    standing: HouseholdStanding,
    since: date,
    actor: Actor,
    now: datetime,
) -> str:
    """Register a household (农户) with its cooperative. Returns its public id.

    It gets the code printed on its card at once; a PIN only by `reissue_pin`, until which its
    statement stays shut.

    Args:
        identity: the 18 characters of the holder's identity number, or empty; kept encrypted.
        phone: a mobile, or a landline with area code, or empty; kept encrypted.
        standing: what it is registered as, from `since` on.

    Raises:
        NotFound: no such cooperative or village, or not the actor's to see.
        NotAllowed: the actor may not register households there.
        NotAnIdentityNumber, NotAPhoneNumber, DayAhead: what was typed cannot be.
        AlreadyRegistered: the cooperative has this identity number.
    """
    cooperative = tx.execute(
        select(Organisation).where(
            Organisation.public_id == cooperative_id,
            Organisation.kind == OrganisationKind.COOPERATIVE,
        )
    ).scalar_one_or_none()
    if cooperative is None:
        raise NotFound()
    actor.require(P.HOUSEHOLD_EDIT, cooperative.id)
    village = tx.execute(
        select(Village).where(Village.public_id == village_id)
    ).scalar_one_or_none()
    if village is None:
        raise NotFound(field="village_id")
    not_ahead(since, now, field="since")
    identity_number = _identity(tx, cooperative.id, identity)
    phone_number = _phone(phone)
    public_id = new_id("hh")
    household = Household(
        public_id=public_id,
        cooperative_id=cooperative.id,
        village_id=village.id,
        name=name.strip(),
        identity_sealed=identity_number
        and vault().seal(identity_number, place=identity_place(public_id)),
        identity_fingerprint=identity_number and vault().fingerprint(identity_number),
        phone_sealed=phone_number and vault().seal(phone_number, place=phone_place(public_id)),
        code=new_reference(),
        pin_hash="",
        registered_at=now,
    )
    tx.add(household)
    tx.flush()
    tx.add(HouseholdStatus(household_id=household.id, standing=standing, since=since))
    record(tx, household, "register", actor, now)
    return public_id


@command
def add_plot(
    tx: Session,
    *,
    household_id: str,
    name: str,
    crop: str,
    area_m2: int,
    actor: Actor,
    now: datetime,
) -> str:
    """Add a plot (地块) to a household; `area_m2` in whole square metres (1 mu = 667 m²).

    Returns the plot's public id.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
    """
    household = editable(tx, household_id, actor)
    plot = Plot(household_id=household.id, name=name, crop=crop, area_m2=area_m2)
    tx.add(plot)
    tx.flush()
    record(tx, household, "add_plot", actor, now, plot=plot.public_id, area_m2=area_m2)
    return plot.public_id


@command
def set_standing(
    tx: Session,
    *,
    household_id: str,
    standing: HouseholdStanding,
    since: date,
    actor: Actor,
    now: datetime,
) -> None:
    """Give a household another standing (身份) from a day on; the one before ends that day.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
        DayAhead: the day has not come.
        StandingOutOfOrder: the present standing began that day or later.
    """
    household = editable(tx, household_id, actor)
    not_ahead(since, now, field="since")
    present = tx.execute(
        select(HouseholdStatus).where(
            HouseholdStatus.household_id == household.id, HouseholdStatus.until.is_(None)
        )
    ).scalar_one_or_none()
    if present is not None:
        if present.since >= since:
            raise StandingOutOfOrder(day=present.since.isoformat())
        present.until = since
        tx.flush()
    tx.add(HouseholdStatus(household_id=household.id, standing=standing, since=since))
    record(tx, household, "set_standing", actor, now, since=since)


@command
def set_household_account(
    tx: Session,
    *,
    household_id: str,
    holder: str,
    number: str,
    bank: str,
    cnaps: str,
    actor: Actor,
    now: datetime,
) -> str:
    """Enter the first card a household is paid on; another one takes two people.

    Returns the account's public id.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
        NotACardNumber: it is not 8 to 32 digits.
        NotACnaps: the bank's routing number (联行号) is neither empty nor 12 digits.
        HasAccount: there is a card; see `propose_household_account`.
    """
    household = editable(tx, household_id, actor)
    return first_account(
        tx,
        PayeeKind.HOUSEHOLD,
        household.id,
        holder=holder.strip(),
        number=number,
        bank=bank.strip(),
        cnaps=_routing(cnaps),
        organisation_id=household.cooperative_id,
        actor=actor,
        now=now,
    )


@command
def propose_household_account(
    tx: Session,
    *,
    household_id: str,
    holder: str,
    number: str,
    bank: str,
    cnaps: str,
    reason: str,
    actor: Actor,
    now: datetime,
) -> str:
    """Propose another card for a household (换卡); the old one stays until it is confirmed.

    Returns the proposal's public id.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
        NotACardNumber, NotACnaps, ReasonMissing, NothingToReplace, ChangeWaits: see there.
    """
    household = editable(tx, household_id, actor)
    return propose(
        tx,
        PayeeKind.HOUSEHOLD,
        household.id,
        payee_name=household.name,
        organisation_id=household.cooperative_id,
        holder=holder,
        number=number,
        bank=bank,
        cnaps=_routing(cnaps),
        reason=reason,
        actor=actor,
        now=now,
    )


def _routing(typed: str) -> str:
    routing = "".join(typed.split())
    if routing and not (routing.isascii() and routing.isdigit() and len(routing) == 12):
        raise NotACnaps()
    return routing


@command
def look_at(
    tx: Session,
    *,
    household_id: str,
    what: HouseholdSecret,
    reason: str,
    actor: Actor,
    now: datetime,
) -> str | None:
    """Open an encrypted number once, for a stated reason; every look is audited.

    Never through a once-key, which would keep the answer. Returns None when nothing is kept.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
        ReasonMissing: no reason was given.
    """
    household = editable(tx, household_id, actor)
    if not reason.strip():
        raise ReasonMissing()
    record(tx, household, "look", actor, now, reason=reason.strip(), what=what.value)
    return opened(tx, household, what)


def _identity(tx: Session, cooperative_id: int, typed: str) -> str | None:
    if not typed.strip():
        return None
    number = clean_identity(typed)
    if number is None:
        raise NotAnIdentityNumber()
    twin = tx.execute(
        select(Household.name).where(
            Household.cooperative_id == cooperative_id,
            Household.identity_fingerprint == vault().fingerprint(number),
        )
    ).scalar_one_or_none()
    if twin is not None:
        raise AlreadyRegistered(name=twin)
    return number


def _phone(typed: str) -> str | None:
    if not typed.strip():
        return None
    number = clean_phone(typed)
    if number is None:
        raise NotAPhoneNumber()
    return number
