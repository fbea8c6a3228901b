"""What a cooperative does with the certificates and tests of its lots."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from products.certificates import issuing
from products.certificates.models import Certificate, LotCertificate
from products.certificates.states import CertificateState, PromiseBasis
from products.lots import certifying, freezing
from products.lots.models import Lot
from products.lots.states import FreezeCause, LotState
from products.quality.models import LotTest
from products.quality.states import LOT_TEST, LotTestState
from shop.core import audit, events
from shop.core.actors import Actor
from shop.core.clock import day_of
from shop.core.commands import command
from shop.core.errors import NotFound, ReasonMissing, Refusal, WrongState
from shop.core.labels import N_
from shop.core.permissions import Permission as P
from shop.organisations.models import Organisation


class CertificateStands(Refusal):
    """The lot goes by a certificate already; another is put in its place with a reason."""

    code = "certificate_stands"
    sentence = N_("批次 %(lot)s 已有合格证 %(number)s。要换，请在那份证上选换证，并写原因。")


class FileKept(Refusal):
    """A scan is kept as it is: another is not put in its place."""

    code = "file_kept"
    sentence = N_("这份纸已经存过扫描件，不能再换。")
    field = "file"


class ReportAhead(Refusal):
    """A test was made today or before, and its report is valid for no less than that day."""

    code = "report_ahead"
    sentence = N_("检验日期应是今天或以前，有效期不早于检验日期。")
    status = 422
    field = "tested_on"


class ReportRecorded(Refusal):
    """The report of this agency is recorded for the lot already."""

    code = "report_recorded"
    sentence = N_("这个批次已经登记过这家机构的报告 %(report)s。")
    field = "report"


@dataclass(frozen=True, slots=True)
class Scan:
    """The file of a paper as it was sent; told by its content and held to a size by the form."""

    file_name: str
    media_type: str
    content: bytes


@command
def issue_certificate(
    tx: Session, *, lot_id: str, basis: PromiseBasis, actor: Actor, now: datetime
) -> str:
    """Issue the cooperative's certificate for a lot that goes by none. Returns its public id.

    Raises:
        NotFound, NotAllowed: `certificate:edit` in the lot's cooperative is needed.
        WrongState: the lot is voided.
        CertificateStands: it goes by one already.
    """
    lot, cooperative = _lot(tx, lot_id, actor)
    carried = issuing.carried(tx, lot.id)
    if carried is not None:
        raise CertificateStands(lot=lot.number, number=carried.number)
    paper = issuing.issue(
        tx, cooperative=cooperative, goods=lot.name, grams=lot.grams, basis=basis, now=now
    )
    certifying.carry(tx, cooperative, lot, paper, actor, now)
    return paper.public_id


@command
def reissue_certificate(
    tx: Session,
    *,
    certificate_id: str,
    basis: PromiseBasis,
    reason: str,
    actor: Actor,
    now: datetime,
) -> str:
    """Put a new certificate of the cooperative in the place of one that stands (换证).

    Every lot that went by the old one goes by the new. The old one is kept.
    Returns the new one's public id.

    Raises:
        NotFound, NotAllowed: `certificate:edit` in its cooperative is needed.
        WrongState: it was replaced or voided already, or no lot goes by it.
        ReasonMissing: why is kept with it.
    """
    old, cooperative = _certificate(tx, certificate_id, actor)
    lots = _lots_by(tx, old)
    if not lots:
        raise WrongState(state=CertificateState.VOIDED.label)
    if not reason.strip():
        raise ReasonMissing()
    issuing.end(tx, old, "replace", reason.strip(), actor=actor, now=now)
    paper = issuing.issue(
        tx,
        cooperative=cooperative,
        goods=old.goods,
        grams=sum(lot.grams for lot in lots),
        basis=basis,
        replaces=old,
        now=now,
    )
    for lot in lots:
        certifying.carry(tx, cooperative, lot, paper, actor, now)
    return paper.public_id


@command
def void_certificate(
    tx: Session, *, certificate_id: str, reason: str, actor: Actor, now: datetime
) -> None:
    """Void a certificate; the lots that went by it go by none until another is issued.

    Raises:
        NotFound, NotAllowed: `certificate:edit` in its cooperative is needed.
        WrongState: it was replaced or voided already.
        ReasonMissing: why is kept with it.
    """
    paper, _cooperative = _certificate(tx, certificate_id, actor)
    if not reason.strip():
        raise ReasonMissing()
    issuing.end(tx, paper, "void", reason.strip(), actor=actor, now=now)
    for lot in _lots_by(tx, paper):
        lot.certificate = ""
        issuing.let_go(tx, lot.id, now)


@command
def keep_certificate_file(
    tx: Session, *, certificate_id: str, scan: Scan, actor: Actor, now: datetime
) -> None:
    """Keep the scan of a certificate, once (收存).

    Raises:
        NotFound, NotAllowed: `certificate:edit` in its cooperative is needed.
        FileKept: there is one.
    """
    paper, _cooperative = _certificate(tx, certificate_id, actor)
    if paper.file_name:
        raise FileKept()
    paper.file_name, paper.media_type = _name(scan), scan.media_type
    paper.content = scan.content
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="certificate",
        thing=paper.public_id,
        action="keep_file",
        organisation_id=paper.cooperative_id,
        number=paper.number,
    )


@command
def record_test(
    tx: Session,
    *,
    lot_id: str,
    subject: str,
    agency: str,
    report: str,
    passed: bool,
    tested_on: date,
    valid_until: date | None,
    scan: Scan | None,
    public: bool,
    actor: Actor,
    now: datetime,
) -> str:
    """Record what a test found of a lot (检验). Returns the test's public id.

    A lot that failed is frozen at once; lots already made of it are for a recall.

    Args:
        subject: what was looked for, such as pesticide residues.
        valid_until: the report's last good day, where it has one.
        public: everybody may download the report.

    Raises:
        NotFound, NotAllowed: `certificate:edit` in the lot's cooperative is needed.
        WrongState: the lot is voided.
        ReportAhead, ReportRecorded: see the classes.
    """
    lot, cooperative = _lot(tx, lot_id, actor)
    if tested_on > day_of(now) or (valid_until is not None and valid_until < tested_on):
        raise ReportAhead()
    known = LotTest.agency == agency.strip(), LotTest.report == report.strip()
    if tx.execute(select(LotTest.id).where(LotTest.lot_id == lot.id, *known)).first():
        raise ReportRecorded(report=report.strip())
    test = LotTest(
        lot_id=lot.id,
        cooperative_id=cooperative.id,
        state=LotTestState.PASSED if passed else LotTestState.FAILED,
        subject=subject.strip(),
        agency=agency.strip(),
        report=report.strip(),
        tested_on=tested_on,
        valid_until=valid_until,
        public=public,
        recorded_at=now,
        file_name=_name(scan) if scan else "",
        media_type=scan.media_type if scan else "",
        content=scan.content if scan else None,
    )
    tx.add(test)
    tx.flush()
    _tell(tx, test, lot, cooperative, actor, now)
    if not passed:
        freezing.freeze(
            tx,
            [lot.id],
            cause=FreezeCause.QUALITY,
            about=test.public_id,
            reason=N_("检验不合格"),
            actor=actor,
            now=now,
        )
    return test.public_id


@command
def clear_test(tx: Session, *, test_id: str, reason: str, actor: Actor, now: datetime) -> None:
    """Lift the freeze of a failed test as a second person, who has found out why (复核).

    Raises:
        NotFound, NotAllowed: `alarm:decide` in the lot's cooperative is needed.
        SamePerson: whoever recorded the test may not lift it.
        WrongState: the lot did not fail, or is lifted already.
        ReasonMissing: what was found out is kept with it.
    """
    test = tx.execute(
        select(LotTest).where(LotTest.public_id == test_id).with_for_update()
    ).scalar_one_or_none()
    if test is None:
        raise NotFound()
    actor.require(P.ALARM_DECIDE, test.cooperative_id)
    if not reason.strip():
        raise ReasonMissing()
    LOT_TEST.move(
        tx,
        test,
        "clear",
        actor=actor,
        now=now,
        organisation_id=test.cooperative_id,
        reason=reason.strip(),
        report=test.report,
    )
    test.reason = reason.strip()
    tx.flush()
    freezing.lift(tx, about=test.public_id, reason=reason.strip(), actor=actor, now=now)


def _tell(
    tx: Session,
    test: LotTest,
    lot: Lot,
    cooperative: Organisation,
    actor: Actor,
    now: datetime,
) -> None:
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="lot_test",
        thing=test.public_id,
        action="record",
        organisation_id=cooperative.id,
        to_state=test.state.value,
        lot=lot.number,
        report=test.report,
    )
    events.emit(
        tx,
        kind="test",
        thing=lot.public_id,
        at=now,
        now=now,
        organisation_id=cooperative.id,
        lot=lot.number,
        cooperative=cooperative.code,
        test=test.subject,
        agency=test.agency,
        report=test.report,
        passed=test.state is LotTestState.PASSED,
        on=test.tested_on,
        valid_until=test.valid_until,
    )


def _lot(tx: Session, lot_id: str, actor: Actor) -> tuple[Lot, Organisation]:
    """A lot on record, locked, whose papers the actor may write."""
    lot = tx.execute(
        select(Lot).where(Lot.public_id == lot_id).with_for_update()
    ).scalar_one_or_none()
    if lot is None:
        raise NotFound()
    actor.require(P.CERTIFICATE_EDIT, lot.cooperative_id)
    if lot.state is not LotState.RECORDED:
        raise WrongState(state=lot.state.label)
    return lot, tx.get_one(Organisation, lot.cooperative_id)


def _certificate(
    tx: Session, certificate_id: str, actor: Actor
) -> tuple[Certificate, Organisation]:
    """A certificate, locked, that the actor may change."""
    paper = tx.execute(
        select(Certificate).where(Certificate.public_id == certificate_id).with_for_update()
    ).scalar_one_or_none()
    if paper is None:
        raise NotFound()
    actor.require(P.CERTIFICATE_EDIT, paper.cooperative_id)
    return paper, tx.get_one(Organisation, paper.cooperative_id)


def _lots_by(tx: Session, paper: Certificate) -> list[Lot]:
    """The lots that go by a certificate, locked in the order of their keys."""
    return list(
        tx.execute(
            select(Lot)
            .join(LotCertificate, LotCertificate.lot_id == Lot.id)
            .where(LotCertificate.certificate_id == paper.id, LotCertificate.until.is_(None))
            .order_by(Lot.id)
            .with_for_update(of=Lot)
        ).scalars()
    )


def _name(scan: Scan) -> str:
    """The file's name as sent, held to what the column takes."""
    return scan.file_name[-128:] or "file"
