"""What the pages of households show: frozen rows, numbers masked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from products.households.states import ConsentPurpose, HouseholdStanding, ReportState
from shop.organisations.states import AccountState

#: Households on one page of the list.
PAGE = 50


@dataclass(frozen=True, slots=True)
class HouseholdRow:
    """One line of the list. `card_last4` is None where there is no card yet."""

    public_id: str
    name: str
    code: str
    township: str
    village: str
    standing: HouseholdStanding | None
    card_state: AccountState | None
    card_last4: str | None
    consents: bool
    open_reports: int


@dataclass(frozen=True, slots=True)
class HouseholdList:
    """A page of households: `found` altogether, those with something to do counted apart."""

    rows: tuple[HouseholdRow, ...]
    found: int
    page: int
    without_card: int
    refused_card: int
    open_reports: int

    @property
    def has_next(self) -> bool:
        """Whether there are more behind this page."""
        return self.page * PAGE < self.found


@dataclass(frozen=True, slots=True)
class StandingRow:
    """What a household was registered as, from a day until a day."""

    standing: HouseholdStanding
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class PlotRow:
    """A plot; `area_m2` in whole square metres."""

    public_id: str
    name: str
    crop: str
    area_m2: int

    @property
    def mu(self) -> str:
        """The area in mu (1 mu = 667 m²), to one decimal, as people say it."""
        tenths = (20 * self.area_m2 + 667) // (2 * 667)
        return f"{tenths // 10}.{tenths % 10}"


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """A consent to be shown for one purpose, and when it was taken back."""

    purpose: ConsentPurpose
    given_on: date
    withdrawn_on: date | None


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """One consent in the cooperative's list of all of them."""

    purpose: ConsentPurpose
    household_id: str
    household: str
    village: str
    given_on: date
    withdrawn_on: date | None


@dataclass(frozen=True, slots=True)
class CardRow:
    """The card a household is paid on, masked."""

    holder: str
    last4: str
    bank: str
    cnaps: str
    state: AccountState
    since: datetime


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One “this is wrong”, with its answer."""

    public_id: str
    household_id: str
    household: str
    words: str
    at: datetime
    state: ReportState
    answer: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class HouseholdPage:
    """Everything the cooperative sees of one household."""

    public_id: str
    name: str
    code: str
    county: str
    township: str
    village: str
    registered_at: datetime
    has_pin: bool
    has_identity: bool
    has_phone: bool
    plots: tuple[PlotRow, ...]
    standings: tuple[StandingRow, ...]
    consents: tuple[ConsentRow, ...]
    card: CardRow | None
    reports: tuple[ReportRow, ...]

    @property
    def standing(self) -> HouseholdStanding | None:
        """What it is registered as today."""
        return next((row.standing for row in self.standings if row.until is None), None)

    @property
    def standing_consents(self) -> frozenset[ConsentPurpose]:
        """What it may be shown with in public today."""
        return frozenset(row.purpose for row in self.consents if row.withdrawn_on is None)

    @property
    def consents_now(self) -> bool:
        """Whether it may be shown in public, masked."""
        return ConsentPurpose.NAME in self.standing_consents


@dataclass(frozen=True, slots=True)
class Choice:
    """A household or a village to choose from."""

    public_id: str
    name: str
    place: str
