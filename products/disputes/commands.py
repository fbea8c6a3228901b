"""Opening, deciding and mending disputes. A disputed lot stands still until it is decided."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from products.disputes.models import Dispute
from products.disputes.states import DISPUTE, ClaimKind, DisputeState, ReceivedBy
from products.households.models import Household, Village
from products.lots import freezing, lineage
from products.lots.models import Lot, ShareCorrection, StandingShare
from products.lots.states import FreezeCause, LotKind, LotState
from shop.core import audit
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound, ReasonMissing, Refusal
from shop.core.labels import N_
from shop.core.numbering import next_number
from shop.core.permissions import Permission as P

WORDS_AT_MOST = 500


class AlreadyDisputed(Refusal):
    """This household or village disputes the lot already, and nobody has decided yet."""

    code = "already_disputed"
    sentence = N_("这一批已经提过，正在核实，不用再提一次。")


class ClaimantMissing(Refusal):
    """A dispute is a household's of the lot's cooperative, or a village's."""

    code = "claimant_missing"
    sentence = N_("请填是哪一户（户码）或哪个村提的，只填一样；户要是这个合作社的。")
    status = 422
    field = "household"


class WordsTooLong(Refusal):
    """What is said of a lot fits on a page."""

    code = "words_too_long"
    sentence = N_("最多写 500 字，请写短一些。")
    status = 422
    field = "words"


class NotPutRight(Refusal):
    """Upheld means: something is put right, and only then does the lot move again."""

    code = "not_put_right"
    sentence = N_("批次 %(lot)s 的份额还没有更正，也没有作废。请合作社先更正，再结束争议。")


@command
def open_dispute(
    tx: Session, *, lot_id: str, claim: ClaimKind, words: str, actor: Actor, now: datetime
) -> str:
    """A household disputes a lot from its own statement (提出争议); the lot stands still at once.

    Args:
        lot_id: a delivery in its name, or a lot in which it has a share.

    Returns:
        The dispute's public id.

    Raises:
        NotFound: no such lot, or the household has nothing to do with it.
        AlreadyDisputed, WordsTooLong: see the classes.
    """
    if actor.household_id is None:
        raise NotFound()
    lot = _lot(tx, lot_id)
    behind = tx.execute(
        select(StandingShare.lot_id).where(
            StandingShare.lot_id == lot.id, StandingShare.household_id == actor.household_id
        )
    ).first()
    if behind is None:
        raise NotFound()
    return _open(
        tx,
        lot,
        Dispute(household_id=actor.household_id, claim=claim, received=ReceivedBy.STATEMENT),
        words,
        actor,
        now,
    )


@command
def record_dispute(
    tx: Session,
    *,
    lot: str,
    household: str,
    village: str,
    claim: ClaimKind,
    words: str,
    received: ReceivedBy,
    actor: Actor,
    now: datetime,
) -> str:
    """Write a dispute down for a household or a village that called, came or wrote.

    Args:
        lot: its number or public id.
        household: code or public id, empty for a village's.
        village: its public id, empty for a household's.

    Raises:
        NotAllowed: `dispute:decide` is needed; whoever records one may not decide it.
        NotFound: there is no such lot.
        ClaimantMissing, AlreadyDisputed, WordsTooLong: see the classes.
    """
    actor.require(P.DISPUTE_DECIDE)
    found = _lot(tx, lot)
    if bool(household.strip()) == bool(village):
        raise ClaimantMissing()
    dispute = Dispute(claim=claim, received=received)
    if village:
        dispute.village_id = tx.execute(
            select(Village.id).where(Village.public_id == village)
        ).scalar_one_or_none()
    else:
        code = "".join(household.split()).replace("-", "")
        dispute.household_id = tx.execute(
            select(Household.id).where(
                or_(Household.code == code.upper(), Household.public_id == code),
                Household.cooperative_id == found.cooperative_id,
            )
        ).scalar_one_or_none()
    if dispute.village_id is None and dispute.household_id is None:
        raise ClaimantMissing()
    return _open(tx, found, dispute, words, actor, now)


@command
def decide_dispute(
    tx: Session, *, dispute_id: str, upheld: bool, reason: str, actor: Actor, now: datetime
) -> None:
    """Decide a dispute as another person than who recorded it (裁定).

    Dismissed, its lots move again. Upheld, they stand still until the cooperative has corrected
    the shares and `mend_dispute` has seen it.

    Raises:
        ReasonMissing: the household reads the reason.
        NotFound, NotAllowed, SamePerson, WrongState: `dispute:decide`, an open dispute, and
            somebody else.
    """
    if not reason.strip():
        raise ReasonMissing()
    dispute, lot = _locked(tx, dispute_id)
    DISPUTE.move(
        tx,
        dispute,
        "uphold" if upheld else "dismiss",
        actor=actor,
        now=now,
        organisation_id=lot.cooperative_id,
        reason=reason.strip(),
    )
    dispute.decision, dispute.decided_at = reason.strip(), now
    if not upheld:
        dispute.ended_at = now
        tx.flush()
        freezing.lift(tx, about=dispute.public_id, reason=reason.strip(), actor=actor, now=now)


@command
def mend_dispute(tx: Session, *, dispute_id: str, reason: str, actor: Actor, now: datetime) -> None:
    """See that what was disputed is put right, and let its lots move again (更正后解冻).

    A claim about a delivery wants its shares corrected, or the delivery voided, after the dispute
    was opened. A village's name and other claims are put right in words, elsewhere.

    Raises:
        ReasonMissing: what was put right is kept with it.
        NotFound, NotAllowed, WrongState: `dispute:decide`, and a dispute that was upheld.
        NotPutRight: see the class.
    """
    if not reason.strip():
        raise ReasonMissing()
    dispute, lot = _locked(tx, dispute_id)
    DISPUTE.move(
        tx,
        dispute,
        "mend",
        actor=actor,
        now=now,
        organisation_id=lot.cooperative_id,
        reason=reason.strip(),
    )
    if not _put_right(tx, dispute, lot):
        raise NotPutRight(lot=lot.number)
    dispute.ended_at = now
    tx.flush()
    freezing.lift(tx, about=dispute.public_id, reason=reason.strip(), actor=actor, now=now)


def _open(tx: Session, lot: Lot, dispute: Dispute, words: str, actor: Actor, now: datetime) -> str:
    if len(words.strip()) > WORDS_AT_MOST:
        raise WordsTooLong()
    standing = tx.execute(
        select(Dispute.id).where(
            Dispute.lot_id == lot.id,
            Dispute.household_id == dispute.household_id,
            Dispute.village_id == dispute.village_id,
            Dispute.state.in_([DisputeState.OPEN, DisputeState.UPHELD]),
        )
    ).first()
    if standing is not None:
        raise AlreadyDisputed()
    dispute.number = next_number(tx, "ZY", now)
    dispute.state, dispute.lot_id, dispute.opened_at = DisputeState.OPEN, lot.id, now
    dispute.words = words.strip()
    tx.add(dispute)
    tx.flush()
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="dispute",
        thing=dispute.public_id,
        action="open",
        organisation_id=lot.cooperative_id,
        to_state=dispute.state.value,
        lot=lot.number,
        claim=dispute.claim.value,
    )
    # What is wholly gone is left alone: only money of others would be kept from them.
    here = tx.execute(
        select(Lot.id)
        .where(
            Lot.id.in_(
                select(
                    lineage.onward(select(Lot.id.label("lot_id")).where(Lot.id == lot.id)).c.lot_id
                )
            ),
            or_(Lot.kind != LotKind.PACKED, Lot.shipped_units + Lot.written_off_units < Lot.units),
        )
        .order_by(Lot.id)
    ).scalars()
    freezing.freeze(
        tx,
        [lot.id, *(key for key in here if key != lot.id)],
        cause=FreezeCause.DISPUTE,
        about=dispute.public_id,
        reason=dispute.claim.label,
        actor=actor,
        now=now,
    )
    return dispute.public_id


def _put_right(tx: Session, dispute: Dispute, lot: Lot) -> bool:
    if dispute.claim in (ClaimKind.VILLAGE, ClaimKind.OTHER):
        return True
    if lot.state is LotState.VOIDED:
        return True
    corrected = tx.execute(
        select(ShareCorrection.id).where(
            ShareCorrection.lot_id == lot.id, ShareCorrection.at >= dispute.opened_at
        )
    ).first()
    return corrected is not None


def _lot(tx: Session, lot_id: str) -> Lot:
    lot = tx.execute(
        select(Lot)
        .where(
            or_(Lot.public_id == lot_id.strip(), Lot.number == lot_id.strip().upper()),
            Lot.state == LotState.RECORDED,
        )
        .with_for_update()
    ).scalar_one_or_none()
    if lot is None:
        raise NotFound(field="lot")
    return lot


def _locked(tx: Session, dispute_id: str) -> tuple[Dispute, Lot]:
    found = tx.execute(
        select(Dispute, Lot)
        .join(Lot, Lot.id == Dispute.lot_id)
        .where(Dispute.public_id == dispute_id)
        .with_for_update()
    ).one_or_none()
    if found is None:
        raise NotFound()
    return found[0], found[1]
