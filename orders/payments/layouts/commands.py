"""Registering and retiring bank layouts (流水版式)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.payments.formats.tables import Layout
from orders.payments.layouts import store
from orders.payments.models import BankLayout
from orders.payments.states import LAYOUT, LayoutState
from shop.core import audit
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound, ReasonMissing, Refusal
from shop.core.labels import N_
from shop.core.permissions import Permission


class LayoutFlawed(Refusal):
    """A layout that could not read anything is not registered."""

    code = "layout_flawed"
    sentence = N_("这个版式还不能用：%(flaw)s。")
    status = 422


class LayoutKnown(Refusal):
    """A layout under this name is in use; a change is its next version."""

    code = "layout_known"
    sentence = N_("已有叫“%(name)s”的版式在用。要改它，请在它的页面上登记新版。")
    field = "name"


@command
def add_layout(
    tx: Session, *, layout: Layout, replaces: str | None, actor: Actor, now: datetime
) -> str:
    """Register a layout, or the next version of one (登记流水版式); returns its public id.

    Statements imported by the earlier version keep pointing to it.

    Args:
        replaces: public id of the version it takes the place of; it keeps that one's name.

    Raises:
        NotAllowed: the actor may not import statements.
        LayoutFlawed, LayoutKnown: see there.
        NotFound: there is nothing to replace.
        WrongState: what it would replace is retired.
    """
    actor.require(Permission.BANK_IMPORT)
    version = 1
    if replaces:
        earlier = _locked(tx, replaces)
        LAYOUT.move(
            tx, earlier, "retire", actor=actor, now=now, organisation_id=None, reason="新版替换"
        )
        layout, version = replace(layout, name=earlier.name), earlier.version + 1
        tx.flush()
    flaw = layout.flaw()
    if flaw is not None:
        raise LayoutFlawed(flaw=flaw.label)
    latest = tx.execute(
        select(BankLayout.version, BankLayout.state)
        .where(BankLayout.name == layout.name)
        .order_by(BankLayout.version.desc())
        .limit(1)
    ).first()
    if latest is not None and latest.state is LayoutState.ACTIVE:
        raise LayoutKnown(name=layout.name)
    row = BankLayout(
        **store.as_values(layout),
        state=LayoutState.ACTIVE,
        version=max(version, latest.version + 1 if latest else 1),
        added_at=now,
        added_by_id=actor.user_id,
    )
    tx.add(row)
    tx.flush()
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind=LAYOUT.kind,
        thing=row.public_id,
        action="add",
        to_state=row.state.value,
        name=row.name,
        version=row.version,
    )
    return row.public_id


@command
def retire_layout(tx: Session, *, layout_id: str, reason: str, actor: Actor, now: datetime) -> None:
    """Take a layout out of use (停用); files of its kind are not recognised any more.

    Raises:
        NotFound: there is none of this id.
        NotAllowed: the actor may not import statements.
        WrongState: it is retired already.
        ReasonMissing: it says nothing.
    """
    actor.require(Permission.BANK_IMPORT)
    if not reason.strip():
        raise ReasonMissing()
    row = _locked(tx, layout_id)
    LAYOUT.move(
        tx, row, "retire", actor=actor, now=now, organisation_id=None, reason=reason.strip()
    )


def _locked(tx: Session, layout_id: str) -> BankLayout:
    row = tx.execute(
        select(BankLayout).where(BankLayout.public_id == layout_id).with_for_update()
    ).scalar_one_or_none()
    if row is None:
        raise NotFound()
    return row
