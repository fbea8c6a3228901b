"""Collecting, writing and issuing certificates: plain steps that work in their caller's
transaction, so that a lot and its certificate are recorded together or not at all.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from products.catalogue.states import Category
from products.certificates.models import Certificate, CertificateRule, LotCertificate
from products.certificates.rules import ISSUED_SERIES, WRITTEN_SERIES, keep_until
from products.certificates.states import (
    CERTIFICATE,
    CertificateKind,
    CertificateSource,
    CertificateState,
    PromiseBasis,
)
from products.households.models import Household
from shop.core import audit, events
from shop.core.actors import Actor
from shop.core.clock import day_of
from shop.core.errors import Refusal
from shop.core.labels import N_
from shop.core.numbering import next_number
from shop.organisations.models import Organisation


class CertificateDemanded(Refusal):
    """Of these goods a certificate is asked for at the gate, and written down where none is."""

    code = "certificate_demanded"
    sentence = N_(
        "这类货收购时要查验合格证：请填农户带来的编号；没带的，选代写，或者选农户没有开。"
    )
    status = 422
    field = "certificate"


class CertificateContradicts(Refusal):
    """A number was typed though the household is said to have brought no certificate."""

    code = "certificate_contradicts"
    sentence = N_("选了代写或没有开，编号就要空着；农户带来了合格证，请选“带来了”。")
    status = 422
    field = "certificate"


class CertificateUsed(Refusal):
    """The number stands on another certificate already, or is one we give out ourselves."""

    code = "certificate_used"
    sentence = N_("编号 %(number)s 已经用在另一份合格证上，请换一个，或者空着由系统编号。")
    field = "certificate"


def demanded(tx: Session, category: Category, on: date) -> bool:
    """Whether the weigh-in asks for a certificate of goods of this category on that day."""
    found = tx.execute(
        select(CertificateRule.demanded)
        .where(CertificateRule.category == category, CertificateRule.from_day <= on)
        .order_by(CertificateRule.from_day.desc())
        .limit(1)
    ).scalar()
    return bool(found)


def at_the_gate(
    tx: Session,
    *,
    cooperative: Organisation,
    household_id: int,
    category: Category,
    goods: str,
    grams: int,
    number: str,
    source: CertificateSource,
    now: datetime,
) -> tuple[Certificate | None, CertificateSource]:
    """The certificate of a delivery: collected, written for the household, or none.

    Buyers ask for it and keep it; households issue theirs voluntarily, so that there is none is
    written down and no ground to send anybody away.

    Args:
        household_id: internal key.
        number: of the paper the household brought; empty otherwise.

    Returns:
        The certificate, and how it was come by: NONE where nothing was asked for or given.

    Raises:
        CertificateDemanded, CertificateContradicts: see the classes.
        CertificateUsed: that paper of the household was voided or replaced.

    Rule: 农产品质量安全承诺达标合格证管理办法 (from 2026-02-01).
    """
    if source is not CertificateSource.COLLECTED and number:
        raise CertificateContradicts()
    if source is CertificateSource.COLLECTED and not number:
        if demanded(tx, category, day_of(now)):
            raise CertificateDemanded()
        return None, CertificateSource.NONE
    if source is CertificateSource.NONE:
        return None, source
    paper = Certificate(
        kind=CertificateKind.COLLECTED,
        cooperative_id=cooperative.id,
        household_id=household_id,
        goods=goods,
        basis=PromiseBasis.PROMISE,
    )
    if source is CertificateSource.WRITTEN:
        paper.kind, paper.grams = CertificateKind.WRITTEN, grams
        paper.number = next_number(tx, f"{WRITTEN_SERIES}-{cooperative.code}", now)
        return _added(tx, paper, now), source
    paper.number = number
    return _collected(tx, household_id, number) or _added(tx, paper, now), source


def issue(
    tx: Session,
    *,
    cooperative: Organisation,
    goods: str,
    grams: int,
    number: str = "",
    basis: PromiseBasis = PromiseBasis.CONTROL,
    replaces: Certificate | None = None,
    now: datetime,
) -> Certificate:
    """Issue a certificate of the cooperative; `carry` then says for which lot.

    Args:
        number: of one issued elsewhere; empty for the next of the cooperative's own series,
            whose numbers nobody gives out by hand.

    Raises:
        CertificateUsed: another certificate of the cooperative has that number, or will have it.
    """
    series = f"{ISSUED_SERIES}-{cooperative.code}"
    if number and (number.startswith(f"{series}-") or _used(tx, cooperative.id, number)):
        raise CertificateUsed(number=number)
    paper = Certificate(
        number=number or next_number(tx, series, now),
        kind=CertificateKind.ISSUED,
        cooperative_id=cooperative.id,
        goods=goods,
        grams=grams,
        basis=basis,
        replaces_id=replaces.id if replaces else None,
    )
    return _added(tx, paper, now)


def carry(
    tx: Session,
    certificate: Certificate,
    *,
    lot_id: int,
    lot: str,
    number: str,
    cooperative: Organisation,
    actor: Actor,
    now: datetime,
) -> None:
    """Let a lot go by a certificate from now on, and tell of the first lot of one we made.

    Args:
        lot_id: internal key; `lot` and `number` are the lot's public id and number.
    """
    known = tx.execute(
        select(LotCertificate.id).where(LotCertificate.certificate_id == certificate.id).limit(1)
    ).first()
    let_go(tx, lot_id, now)
    tx.add(LotCertificate(lot_id=lot_id, certificate_id=certificate.id, since=now))
    if known or certificate.kind is CertificateKind.COLLECTED:
        return
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="certificate",
        thing=certificate.public_id,
        action="issue",
        organisation_id=cooperative.id,
        number=certificate.number,
        lot=lot,
    )
    events.emit(
        tx,
        kind="certificate",
        thing=lot,
        at=now,
        now=now,
        organisation_id=cooperative.id,
        lot=number,
        cooperative=cooperative.code,
        number=certificate.number,
        on=certificate.issued_on,
    )


def carried(tx: Session, lot_id: int) -> Certificate | None:
    """The certificate a lot goes by, or None."""
    return tx.execute(
        select(Certificate)
        .join(LotCertificate, LotCertificate.certificate_id == Certificate.id)
        .where(LotCertificate.lot_id == lot_id, LotCertificate.until.is_(None))
    ).scalar_one_or_none()


def let_go(tx: Session, lot_id: int, now: datetime) -> None:
    """Let a lot no longer go by its certificate."""
    row = tx.execute(
        select(LotCertificate).where(
            LotCertificate.lot_id == lot_id, LotCertificate.until.is_(None)
        )
    ).scalar_one_or_none()
    if row is not None:
        row.until = now
        tx.flush()


def take_back(tx: Session, lot_id: int, reason: str, *, actor: Actor, now: datetime) -> None:
    """Part a voided delivery from its certificate; one written for it alone is voided with it."""
    paper = carried(tx, lot_id)
    let_go(tx, lot_id, now)
    if paper is not None and paper.kind is CertificateKind.WRITTEN:
        end(tx, paper, "void", reason, own=True, actor=actor, now=now)


def end(
    tx: Session,
    paper: Certificate,
    action: str,
    reason: str,
    *,
    own: bool = False,
    actor: Actor,
    now: datetime,
) -> None:
    """Void or replace a certificate; it is kept all the same.

    Args:
        action: ``void`` or ``replace``.
        own: the actor may by the act this is part of; no permission is asked for.

    Raises:
        NotFound, NotAllowed: `certificate:edit` in its cooperative is needed.
        WrongState: it no longer stands.
    """
    CERTIFICATE.move(
        tx,
        paper,
        action,
        actor=actor,
        now=now,
        organisation_id=paper.cooperative_id,
        own=own,
        reason=reason,
        number=paper.number,
    )
    paper.ended_at, paper.reason = now, reason
    tx.flush()


def _added(tx: Session, paper: Certificate, now: datetime) -> Certificate:
    paper.issued_on = day_of(now)
    paper.keep_until = keep_until(paper.issued_on)
    tx.add(paper)
    tx.flush()
    return paper


def _collected(tx: Session, household_id: int, number: str) -> Certificate | None:
    """The same paper, when the household has shown it before; it covers this delivery too.

    Two scales at once see the paper one after the other: the household's row is locked.
    """
    tx.execute(
        select(Household.id).where(Household.id == household_id).with_for_update(key_share=True)
    )
    known = tx.execute(
        select(Certificate).where(
            Certificate.household_id == household_id,
            Certificate.number == number,
            Certificate.kind == CertificateKind.COLLECTED,
        )
    ).scalar_one_or_none()
    if known is not None and known.state is not CertificateState.VALID:
        raise CertificateUsed(number=number)
    return known


def _used(tx: Session, cooperative_id: int, number: str) -> bool:
    return bool(
        tx.execute(
            select(Certificate.id).where(
                Certificate.cooperative_id == cooperative_id,
                Certificate.number == number,
                Certificate.kind != CertificateKind.COLLECTED,
            )
        ).first()
    )
