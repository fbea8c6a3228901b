"""Words and lifecycles of money owed to the custody account."""

from __future__ import annotations

from shop.core.labels import N_, Labelled
from shop.core.permissions import Permission as P
from shop.core.states import Move, StateTable


class RuleState(Labelled):
    """Where a payment-term rule (账期规定) stands; one person proposes, another approves."""

    PROPOSED = "proposed", N_("待复核")
    IN_FORCE = "in_force", N_("已生效")
    WITHDRAWN = "withdrawn", N_("已撤回")


class Bucket(Labelled):
    """How long a receivable is overdue (账龄), the youngest first."""

    NOT_DUE = "not_due", N_("未到期")
    TO_30 = "to_30", N_("逾期 1–30 天")
    TO_60 = "to_60", N_("逾期 31–60 天")
    TO_90 = "to_90", N_("逾期 61–90 天")
    OVER_90 = "over_90", N_("逾期 90 天以上")


class ReminderKind(Labelled):
    """How firm a reminder (催款函) is, the mildest first; the last three are of what is overdue."""

    BEFORE = "before", N_("到期前提醒")
    ON_DAY = "on_day", N_("到期日提醒")
    FIRST = "first", N_("催款")
    SECOND = "second", N_("再次催款")
    LAST = "last", N_("最后催告")

    @property
    def strength(self) -> int:
        """Where it stands from the mildest, 0, to the firmest."""
        return list(ReminderKind).index(self)

    @property
    def of_overdue(self) -> bool:
        """Whether it demands what is overdue, and does not only remind."""
        return self not in (ReminderKind.BEFORE, ReminderKind.ON_DAY)


class SendingWay(Labelled):
    """How somebody brought a reminder to a union; the shop itself sends nothing."""

    LETTER = "letter", N_("信函")
    TELEPHONE = "telephone", N_("电话")
    WECHAT = "wechat", N_("微信")


class AnswerKind(Labelled):
    """What a union says to what it owes."""

    PROMISE = "promise", N_("答应付款日期")
    DISPUTE = "dispute", N_("对金额有异议")


RULE = StateTable(
    "payment_rule",
    Move(RuleState.PROPOSED, "approve", RuleState.IN_FORCE, P.TERMS_APPROVE, ("propose",)),
    Move(RuleState.PROPOSED, "withdraw", RuleState.WITHDRAWN, P.TERMS_EDIT),
)
