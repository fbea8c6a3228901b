"""Alarms of mass balance (物料平衡报警): raised while something is recorded, signed by another.

An alarm does not refuse: what is on the scale is on the scale. It freezes the lot, and a second
person explains it or confirms that something is wrong.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from products.catalogue.states import Category
from products.lots import freezing, rules
from products.lots.mass_balance import brought, ratio_window
from products.lots.models import Lot, MassAlarm, MassRule
from products.lots.states import ALARM, AlarmKind, AlarmState, FreezeCause
from shop.core import audit
from shop.core.actors import Actor
from shop.core.clock import day_of
from shop.core.commands import command
from shop.core.errors import NotFound, ReasonMissing, Refusal
from shop.core.labels import N_
from shop.core.permissions import Permission as P


class WindowBackwards(Refusal):
    """A window of ratios has a lower and an upper end, both above zero, in this order."""

    code = "window_backwards"
    sentence = N_("请填上下两个数，都大于 0，下限不高于上限；不限制就都空着。")
    status = 422
    field = "ratio_low"


class RuleSaysNothing(Refusal):
    """A rule limits the ratio, the yield, or both."""

    code = "rule_says_nothing"
    sentence = N_("投料比和亩产上限至少要填一样。")
    status = 422
    field = "most_grams_per_mu"


class RuleInThePast(Refusal):
    """What is on record was held against the rule of its day; that stays so."""

    code = "rule_in_the_past"
    sentence = N_("标准最早从今天起用：已经记录的批次按当天的标准看，不倒回去改。")
    status = 422
    field = "from_day"


class RuleStands(Refusal):
    """For these goods a rule begins on that day already."""

    code = "rule_stands"
    sentence = N_("这种货从这一天起已经有一条标准了，请改日期。")
    field = "from_day"


@command
def decide_alarm(
    tx: Session, *, alarm_id: str, all_is_well: bool, reason: str, actor: Actor, now: datetime
) -> None:
    """Sign an alarm as the second person: explain it, which lifts the freeze, or confirm it.

    Confirmed, the lot stays frozen: an unused delivery can be voided or corrected, what is made
    can be written off as lost.

    Raises:
        ReasonMissing: the explanation is kept with it.
        NotFound, NotAllowed: `alarm:decide` in the lot's cooperative is needed.
        SamePerson: whoever raised it by recording the lot may not sign it.
        WrongState: it is decided already.
    """
    alarm = tx.execute(
        select(MassAlarm).where(MassAlarm.public_id == alarm_id).with_for_update()
    ).scalar_one_or_none()
    if alarm is None:
        raise NotFound()
    actor.require(P.ALARM_DECIDE, alarm.cooperative_id)
    if not reason.strip():
        raise ReasonMissing()
    ALARM.move(
        tx,
        alarm,
        "clear" if all_is_well else "confirm",
        actor=actor,
        now=now,
        organisation_id=alarm.cooperative_id,
        reason=reason.strip(),
    )
    alarm.reason, alarm.decided_at = reason.strip(), now
    tx.flush()
    if all_is_well:
        freezing.lift(tx, about=alarm.public_id, reason=reason.strip(), actor=actor, now=now)


@command
def set_mass_rule(
    tx: Session,
    *,
    category: Category,
    goods: str,
    grade: str,
    from_day: date,
    ratio_low: int | None,
    ratio_high: int | None,
    most_grams_per_mu: int | None,
    actor: Actor,
    now: datetime,
) -> str:
    """Say from a day on what is plausible of some goods. Returns the rule's public id.

    Rules are never changed: what was recorded is held against the rule of its day.

    Args:
        goods: name of what comes out (for the ratio) or is weighed in (for the yield); empty for
            any of the category.
        grade: empty for any.
        ratio_low, ratio_high: hundredths of what goes in for one of what comes out, both or none.
        most_grams_per_mu: what a mu bears in a year at the most.

    Raises:
        NotAllowed: `mass_rule:edit` is needed.
        WindowBackwards, RuleSaysNothing, RuleInThePast, RuleStands: see the classes.
    """
    actor.require(P.MASS_RULE_EDIT)
    if from_day < day_of(now):
        raise RuleInThePast()
    if (ratio_low is None) != (ratio_high is None):
        raise WindowBackwards()
    if ratio_low is not None and ratio_high is not None and not 0 < ratio_low <= ratio_high:
        raise WindowBackwards()
    nothing = ratio_low is None and most_grams_per_mu is None
    if nothing or (most_grams_per_mu is not None and most_grams_per_mu <= 0):
        raise RuleSaysNothing()
    stands = tx.execute(
        select(MassRule.id).where(
            MassRule.category == category,
            MassRule.goods == goods.strip(),
            MassRule.grade == grade.strip(),
            MassRule.from_day == from_day,
        )
    ).first()
    if stands:
        raise RuleStands()
    rule = MassRule(
        category=category,
        goods=goods.strip(),
        grade=grade.strip(),
        from_day=from_day,
        ratio_low=ratio_low,
        ratio_high=ratio_high,
        most_grams_per_mu=most_grams_per_mu,
    )
    tx.add(rule)
    tx.flush()
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="mass_rule",
        thing=rule.public_id,
        action="set",
        category=category.value,
        goods=rule.goods,
        grade=rule.grade,
        from_day=from_day,
        ratio_low=ratio_low,
        ratio_high=ratio_high,
        most_grams_per_mu=most_grams_per_mu,
    )
    return rule.public_id


def check_ratio(tx: Session, lot: Lot, taken_grams: int, *, actor: Actor, now: datetime) -> None:
    """Raise an alarm where what went in does not fit what came out."""
    window = ratio_window(tx, lot.category, lot.name, lot.grade, day_of(now))
    if window is not None and rules.ratio_is_odd(window, taken_grams, lot.grams):
        found = rules.ratio_hundredths(taken_grams, lot.grams)
        _raise(tx, AlarmKind.RATIO, lot, window, found, actor=actor, now=now)


def check_yield(tx: Session, lot: Lot, household_key: int, *, actor: Actor, now: datetime) -> None:
    """Raise an alarm where a household has brought more than its land bears; in m² of land."""
    for found in brought(tx, household_key, day_of(now)):
        if found.category is lot.category and found.over:
            window = (None, found.area_m2)
            _raise(tx, AlarmKind.YIELD, lot, window, found.needed_m2, actor=actor, now=now)


def _raise(
    tx: Session,
    kind: AlarmKind,
    lot: Lot,
    window: tuple[int | None, int],
    found: int,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    alarm = MassAlarm(
        kind=kind,
        state=AlarmState.OPEN,
        lot_id=lot.id,
        cooperative_id=lot.cooperative_id,
        low=window[0],
        high=window[1],
        found=found,
        raised_at=now,
    )
    tx.add(alarm)
    tx.flush()
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="alarm",
        thing=alarm.public_id,
        action="raise",
        organisation_id=lot.cooperative_id,
        to_state=alarm.state.value,
        lot=lot.number,
        found=found,
    )
    freezing.freeze(
        tx,
        [lot.id],
        cause=FreezeCause.ALARM,
        about=alarm.public_id,
        reason=kind.label,
        actor=actor,
        now=now,
    )
    tx.refresh(lot, ["freezes"])
