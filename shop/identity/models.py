"""Tables of people who sign in."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.core import db


class User(db.Model):
    """A person (用户) who signs in, by password or by a link sent to them.

    Raising `session_version` ends every session of the person.
    """

    __tablename__ = "app_user"

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("user")
    name: Mapped[str] = mapped_column(String(64))
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(255))
    session_version: Mapped[int] = mapped_column(default=1)
    active: Mapped[bool] = mapped_column(default=True)
    language: Mapped[str] = mapped_column(String(8), default="zh")


class SignInLink(db.Model):
    """A link that signs one person in once; only the hash of its token is kept."""

    __tablename__ = "sign_in_link"

    id: Mapped[db.Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class FailedTry(db.Model):
    """A wrong password or PIN; too many in a quarter of an hour close that door for a while.

    `door` is the kind of door and the name tried, such as ``sign-in:clerk@…``.
    """

    __tablename__ = "failed_try"

    id: Mapped[db.Id]
    door: Mapped[str] = mapped_column(String(255), index=True)
    at: Mapped[datetime]


class ApiKey(db.Model):
    """A key (接口钥匙) with which a program acts for an organisation, until it is revoked or ends.

    Only the hash of it is kept, and its first characters by which people tell keys apart.
    """

    __tablename__ = "api_key"
    __table_args__ = (
        Index(
            "uq_api_key_name",
            "organisation_id",
            "name",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("key")
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(String(64))
    start: Mapped[str] = mapped_column(String(16))
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    issued_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used: Mapped[date | None]
