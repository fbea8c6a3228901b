"""Steps that the commands which make lots share; they work in their caller's transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from products.certificates.models import Certificate
from products.lots.certifying import carry
from products.lots.models import Lot
from products.lots.rules import SERIES
from products.lots.states import LotKind
from products.lots.taking import Mixture, write_event, write_inputs
from shop.core import audit
from shop.core.actors import Actor
from shop.core.errors import NotFound, Refusal
from shop.core.labels import N_
from shop.core.numbering import next_number
from shop.core.permissions import Permission as P
from shop.core.weight import kg_text
from shop.organisations.models import Organisation, OrganisationKind


class WeighsTooMuch(Refusal):
    """Nothing weighs more than what went in, and something comes out."""

    code = "weighs_too_much"
    sentence = N_("出料应大于 0，不能多过投料的 %(taken)s 公斤。")
    status = 422
    field = "grams"


def cooperative_of(tx: Session, cooperative_id: str, actor: Actor) -> Organisation:
    """The cooperative, where the actor may make lots.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
    """
    cooperative = tx.execute(
        select(Organisation).where(
            Organisation.public_id == cooperative_id,
            Organisation.kind == OrganisationKind.COOPERATIVE,
        )
    ).scalar_one_or_none()
    if cooperative is None:
        raise NotFound()
    actor.require(P.LOT_MAKE, cooperative.id)
    return cooperative


def weigh_no_more(mixture: Mixture, grams: int) -> None:
    """Refuse what weighs nothing, or more than what went in.

    Raises:
        WeighsTooMuch: see the class.
    """
    if not 0 < grams <= mixture.grams:
        raise WeighsTooMuch(taken=kg_text(mixture.grams))


def new_lot(cooperative: Organisation, kind: LotKind, mixture: Mixture, now: datetime) -> Lot:
    """A lot of this kind with what it has from its mixture; the rest is for the caller."""
    first, last = mixture.harvest
    return Lot(
        kind=kind,
        cooperative_id=cooperative.id,
        category=mixture.category,
        harvest_from=first,
        harvest_to=last,
        made_at=now,
    )


def write_lot(
    tx: Session,
    cooperative: Organisation,
    lot: Lot,
    mixture: Mixture,
    actor: Actor,
    now: datetime,
    *,
    certificate: Certificate | None = None,
    **facts: Any,
) -> str:
    """Number the lot and write it down with inputs, shares, event and audit. Returns its id.

    It goes by `certificate`, where there is one.
    """
    lot.certificate = certificate.number if certificate else ""
    lot.number = next_number(tx, f"{SERIES[lot.kind]}-{cooperative.code}", now)
    tx.add(lot)
    tx.flush()
    write_inputs(tx, lot, mixture)
    write_event(tx, cooperative, lot, mixture, now, **facts)
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="lot",
        thing=lot.public_id,
        action=lot.kind.value,
        organisation_id=cooperative.id,
        grams=lot.grams,
        taken_grams=mixture.grams,
        units=lot.units,
        inputs={take.parent.number: take.grams for take in mixture.taken},
    )
    if certificate is not None:
        carry(tx, cooperative, lot, certificate, actor, now)
    return lot.public_id
