"""Reading households for the pages of their cooperative; numbers stay masked."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from products.households.models import (
    Consent,
    Household,
    HouseholdReport,
    HouseholdStatus,
    Plot,
    Village,
)
from products.households.rows import (
    PAGE,
    CardRow,
    Choice,
    ConsentLine,
    ConsentRow,
    HouseholdList,
    HouseholdPage,
    HouseholdRow,
    PlotRow,
    ReportRow,
    StandingRow,
)
from products.households.states import ConsentPurpose, ReportState
from shop.core.actors import Actor
from shop.core.errors import NotFound
from shop.core.permissions import Permission as P
from shop.organisations.models import County, Organisation, PayeeAccount, PayeeKind
from shop.organisations.states import AccountState


def search(
    tx: Session, cooperative_id: int, actor: Actor, *, words: str = "", page: int = 1
) -> HouseholdList:
    """A page of a cooperative's households, by village and name; `words` is part of either.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
    """
    actor.require(P.HOUSEHOLD_READ, cooperative_id)
    listed = _listed(cooperative_id, words)
    found = tx.execute(select(func.count()).select_from(listed.subquery())).scalar_one()
    rows = tx.execute(
        listed.order_by(Village.township, Village.name, Household.name, Household.id)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    without, refused, reports = _troubles(tx, cooperative_id)
    return HouseholdList(
        rows=tuple(HouseholdRow(**row._mapping) for row in rows),
        found=found,
        page=page,
        without_card=without,
        refused_card=refused,
        open_reports=reports,
    )


def household(tx: Session, household_id: str, cooperative_id: int, actor: Actor) -> HouseholdPage:
    """One household with its plots, standings, consents, card and reports, newest first.

    Raises:
        NotFound: there is none in this cooperative, or not the actor's to see.
        NotAllowed: no role of the actor reads households.
    """
    actor.require(P.HOUSEHOLD_READ, cooperative_id)
    found = tx.execute(
        select(Household, Village, County.name)
        .join(Village, Village.id == Household.village_id)
        .join(County, County.id == Village.county_id)
        .where(Household.public_id == household_id, Household.cooperative_id == cooperative_id)
    ).one_or_none()
    if found is None:
        raise NotFound()
    row, village, county = found
    return HouseholdPage(
        public_id=row.public_id,
        name=row.name,
        code=row.code,
        county=county,
        township=village.township,
        village=village.name,
        registered_at=row.registered_at,
        has_pin=bool(row.pin_hash),
        has_identity=row.identity_sealed is not None,
        has_phone=row.phone_sealed is not None,
        plots=plots_of(tx, row.id),
        standings=_standings(tx, row.id),
        consents=consents_of(tx, row.id),
        card=_card(tx, row.id),
        reports=_reports(tx, Household.id == row.id),
    )


def plots_of(tx: Session, household_key: int) -> tuple[PlotRow, ...]:
    """The plots of one household, in the order they were added."""
    rows = tx.execute(
        select(Plot.public_id, Plot.name, Plot.crop, Plot.area_m2)
        .where(Plot.household_id == household_key)
        .order_by(Plot.id)
    )
    return tuple(PlotRow(*row) for row in rows)


def open_reports(tx: Session, cooperative_id: int, actor: Actor) -> tuple[ReportRow, ...]:
    """What households of the cooperative say is wrong and nobody has answered, oldest first.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
    """
    actor.require(P.HOUSEHOLD_READ, cooperative_id)
    return _reports(
        tx,
        and_(Household.cooperative_id == cooperative_id, HouseholdReport.state == ReportState.OPEN),
    )[::-1]


def report(tx: Session, report_id: str, cooperative_id: int, actor: Actor) -> ReportRow:
    """One report of a household of the cooperative.

    Raises:
        NotFound: there is none, or not the actor's to see.
        NotAllowed: no role of the actor reads households.
    """
    actor.require(P.HOUSEHOLD_READ, cooperative_id)
    rows = _reports(
        tx,
        and_(Household.cooperative_id == cooperative_id, HouseholdReport.public_id == report_id),
    )
    if not rows:
        raise NotFound()
    return rows[0]


def villages_near(tx: Session, cooperative_id: int) -> tuple[Choice, ...]:
    """The villages where the cooperative has households or which lie in its county."""
    rows = tx.execute(
        select(Village.public_id, Village.name, Village.township)
        .where(
            or_(
                Village.county_id
                == select(Organisation.county_id)
                .where(Organisation.id == cooperative_id)
                .scalar_subquery(),
                Village.id.in_(
                    select(Household.village_id).where(Household.cooperative_id == cooperative_id)
                ),
            )
        )
        .order_by(Village.township, Village.name)
    )
    return tuple(Choice(*row) for row in rows)


def consent_list(tx: Session, cooperative_id: int, actor: Actor) -> tuple[ConsentLine, ...]:
    """Every consent given to the cooperative, by purpose, those that stand first.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
    """
    actor.require(P.HOUSEHOLD_READ, cooperative_id)
    rows = tx.execute(
        select(
            Consent.purpose,
            Household.public_id,
            Household.name,
            Village.name,
            Consent.given_on,
            Consent.withdrawn_on,
        )
        .join(Household, Household.id == Consent.household_id)
        .join(Village, Village.id == Household.village_id)
        .where(Household.cooperative_id == cooperative_id)
        .order_by(
            Consent.withdrawn_on.is_not(None),
            Village.township,
            Village.name,
            Household.name,
            Consent.id,
        )
    )
    return tuple(ConsentLine(*row) for row in rows)


def _matching(words: str) -> ColumnElement[bool]:
    part = words.strip()
    return or_(
        Household.name.contains(part, autoescape=True),
        Village.name.contains(part, autoescape=True),
        Village.township.contains(part, autoescape=True),
        Household.code == part.upper(),
    )


def _listed(cooperative_id: int, words: str) -> Select[*tuple[Any, ...]]:
    reports = (
        select(func.count(HouseholdReport.id))
        .where(
            HouseholdReport.household_id == Household.id,
            HouseholdReport.state == ReportState.OPEN,
        )
        .scalar_subquery()
    )
    consents = (
        select(Consent.id)
        .where(
            Consent.household_id == Household.id,
            Consent.purpose == ConsentPurpose.NAME,
            Consent.withdrawn_on.is_(None),
        )
        .exists()
    )
    return (
        select(
            Household.public_id,
            Household.name,
            Household.code,
            Village.township,
            Village.name.label("village"),
            HouseholdStatus.standing,
            PayeeAccount.state.label("card_state"),
            PayeeAccount.number_last4.label("card_last4"),
            consents.label("consents"),
            reports.label("open_reports"),
        )
        .join(Village, Village.id == Household.village_id)
        .outerjoin(
            HouseholdStatus,
            and_(HouseholdStatus.household_id == Household.id, HouseholdStatus.until.is_(None)),
        )
        .outerjoin(PayeeAccount, _current_card())
        .where(Household.cooperative_id == cooperative_id, _matching(words))
    )


def _current_card() -> ColumnElement[bool]:
    return and_(
        PayeeAccount.payee_kind == PayeeKind.HOUSEHOLD,
        PayeeAccount.payee_id == Household.id,
        PayeeAccount.state != AccountState.REPLACED,
    )


def _troubles(tx: Session, cooperative_id: int) -> tuple[int, int, int]:
    without, refused = tx.execute(
        select(
            func.count(Household.id).filter(PayeeAccount.id.is_(None)),
            func.count(Household.id).filter(PayeeAccount.state == AccountState.REFUSED),
        )
        .select_from(Household)
        .outerjoin(PayeeAccount, _current_card())
        .where(Household.cooperative_id == cooperative_id)
    ).one()
    reports = tx.execute(
        select(func.count(HouseholdReport.id))
        .join(Household, Household.id == HouseholdReport.household_id)
        .where(
            Household.cooperative_id == cooperative_id, HouseholdReport.state == ReportState.OPEN
        )
    ).scalar_one()
    return without, refused, reports


def _standings(tx: Session, key: int) -> tuple[StandingRow, ...]:
    rows = tx.execute(
        select(HouseholdStatus.standing, HouseholdStatus.since, HouseholdStatus.until)
        .where(HouseholdStatus.household_id == key)
        .order_by(HouseholdStatus.since.desc(), HouseholdStatus.id.desc())
    )
    return tuple(StandingRow(*row) for row in rows)


def own_consents(tx: Session, key: int | None) -> tuple[ConsentRow, ...]:
    """The consents of a household (internal key) that stand, for its own statement."""
    return tuple(row for row in consents_of(tx, key or 0) if row.withdrawn_on is None)


def consents_of(tx: Session, key: int) -> tuple[ConsentRow, ...]:
    """Every consent of one household (internal key), newest first."""
    rows = tx.execute(
        select(Consent.purpose, Consent.given_on, Consent.withdrawn_on)
        .where(Consent.household_id == key)
        .order_by(Consent.given_on.desc(), Consent.id.desc())
    )
    return tuple(ConsentRow(*row) for row in rows)


def _card(tx: Session, key: int) -> CardRow | None:
    row = tx.execute(
        select(
            PayeeAccount.holder,
            PayeeAccount.number_last4,
            PayeeAccount.bank,
            PayeeAccount.cnaps,
            PayeeAccount.state,
            PayeeAccount.since,
        ).where(
            PayeeAccount.payee_kind == PayeeKind.HOUSEHOLD,
            PayeeAccount.payee_id == key,
            PayeeAccount.state != AccountState.REPLACED,
        )
    ).one_or_none()
    return CardRow(*row) if row else None


def _reports(tx: Session, which: ColumnElement[bool]) -> tuple[ReportRow, ...]:
    rows = tx.execute(
        select(
            HouseholdReport.public_id,
            Household.public_id,
            Household.name,
            HouseholdReport.words,
            HouseholdReport.at,
            HouseholdReport.state,
            HouseholdReport.answer,
            HouseholdReport.answered_at,
        )
        .join(Household, Household.id == HouseholdReport.household_id)
        .where(which)
        .order_by(HouseholdReport.at.desc(), HouseholdReport.id.desc())
        .limit(100)
    )
    return tuple(ReportRow(*row) for row in rows)
