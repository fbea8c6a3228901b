"""Tables of organisations, of who belongs to them, and of where money for them goes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.core import db
from shop.core.labels import N_, Labelled
from shop.core.permissions import Role
from shop.organisations.states import AccountState, ChangeState


class OrganisationKind(Labelled):
    """What an organisation is in the trade."""

    PLATFORM = "platform", N_("平台")
    UNION = "union", N_("工会")
    COOPERATIVE = "cooperative", N_("合作社")
    CARRIER = "carrier", N_("承运商")


class PayeeKind(Labelled):
    """Who can be paid from the custody account."""

    HOUSEHOLD = "household", N_("农户")
    ORGANISATION = "organisation", N_("单位")
    REFUND = "refund", N_("退款")


class County(db.Model):
    """A county of the region: its names and its place on the tile grid (示意格, not a map)."""

    __tablename__ = "county"
    __table_args__ = (UniqueConstraint("grid_column", "grid_row"),)

    id: Mapped[db.Id]
    code: Mapped[str] = mapped_column(String(16), unique=True)
    name: Mapped[str] = mapped_column(String(32), unique=True)
    name_en: Mapped[str] = mapped_column(String(32))
    province: Mapped[str] = mapped_column(String(16))
    grid_column: Mapped[int]
    grid_row: Mapped[int]


class Organisation(db.Model):
    """A union, cooperative, carrier, or the platform itself.

    `code` is short, in capitals, and stands in numbers on papers (CG-SCTH-2026-00001).
    """

    __tablename__ = "organisation"

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("org")
    kind: Mapped[OrganisationKind] = mapped_column(db.labelled(OrganisationKind, "kind"))
    code: Mapped[str] = mapped_column(String(8), unique=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    name_en: Mapped[str] = mapped_column(String(96), default="")
    county_id: Mapped[int | None] = mapped_column(ForeignKey("county.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    credit_code: Mapped[str] = mapped_column(String(18), default="")
    address: Mapped[str] = mapped_column(String(128), default="")
    phone: Mapped[str] = mapped_column(String(32), default="")
    contact: Mapped[str] = mapped_column(String(32), default="")
    member_count: Mapped[int] = mapped_column(default=0)
    story: Mapped[str] = mapped_column(default="")


class Membership(db.Model):
    """One role of one person in one organisation, from a moment until it is ended."""

    __tablename__ = "membership"
    __table_args__ = (
        Index(
            "uq_membership_current",
            "user_id",
            "organisation_id",
            "role",
            unique=True,
            sqlite_where=text("until IS NULL"),
            postgresql_where=text("until IS NULL"),
        ),
    )

    id: Mapped[db.Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    role: Mapped[Role] = mapped_column(db.labelled(Role, "role"))
    since: Mapped[datetime]
    until: Mapped[datetime | None]


class PayeeAccount(db.Model):
    """A bank account or card money is paid to (收款账户); its number is encrypted.

    A change is a new row; the old one is marked replaced, so past payouts keep their account.
    `payee_id` is the internal key of a household, an organisation or a refund that cannot go back
    where it came from, as `payee_kind` says.
    """

    __tablename__ = "payee_account"
    __table_args__ = (
        CheckConstraint("length(number_last4) = 4", name="last_four"),
        Index(
            "uq_payee_account_current",
            "payee_kind",
            "payee_id",
            unique=True,
            sqlite_where=text("state <> 'replaced'"),
            postgresql_where=text("state <> 'replaced'"),
        ),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("card")
    payee_kind: Mapped[PayeeKind] = mapped_column(db.labelled(PayeeKind, "payee_kind"))
    payee_id: Mapped[int] = mapped_column(index=True)
    holder: Mapped[str] = mapped_column(String(64))
    number_sealed: Mapped[str]
    number_last4: Mapped[str] = mapped_column(String(4))
    number_fingerprint: Mapped[str] = mapped_column(String(64), index=True)
    bank: Mapped[str] = mapped_column(String(64))
    cnaps: Mapped[str] = mapped_column(String(12))
    state: Mapped[AccountState] = mapped_column(db.labelled(AccountState, "state"))
    since: Mapped[datetime]


class AccountChange(db.Model):
    """A proposal to pay somebody on another account (换账户), until a second person decides.

    Its number is sealed while it waits, and gone afterwards: the account has it then. `replaces_id`
    is the account that was current, `account_id` the one that took its place.
    """

    __tablename__ = "account_change"
    __table_args__ = (
        CheckConstraint("length(number_last4) = 4", name="last_four"),
        CheckConstraint("(state = 'confirmed') = (account_id IS NOT NULL)", name="confirmed"),
        CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("(state = 'proposed') = (number_sealed <> '')", name="sealed_while_open"),
        Index(
            "uq_account_change_waiting",
            "payee_kind",
            "payee_id",
            unique=True,
            sqlite_where=text("state = 'proposed'"),
            postgresql_where=text("state = 'proposed'"),
        ),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("change")
    payee_kind: Mapped[PayeeKind] = mapped_column(db.labelled(PayeeKind, "payee_kind"))
    payee_id: Mapped[int] = mapped_column(index=True)
    payee_name: Mapped[str] = mapped_column(String(64))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    replaces_id: Mapped[int] = mapped_column(ForeignKey("payee_account.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("payee_account.id"))
    state: Mapped[ChangeState] = mapped_column(db.labelled(ChangeState, "state"), index=True)
    holder: Mapped[str] = mapped_column(String(64))
    number_sealed: Mapped[str]
    number_last4: Mapped[str] = mapped_column(String(4))
    bank: Mapped[str] = mapped_column(String(64))
    cnaps: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str]
    proposed_by: Mapped[str] = mapped_column(String(64))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None]
