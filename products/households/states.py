"""What a household can be registered as, and what becomes of its reports."""

from __future__ import annotations

from shop.core.labels import N_, Labelled
from shop.core.permissions import Permission as P
from shop.core.states import Move, StateTable


class HouseholdStanding(Labelled):
    """Registered standing (身份), dated; private to those who must know."""

    ORDINARY = "ordinary", N_("一般农户")
    LIFTED = "lifted", N_("脱贫户")
    UNSTABLE = "unstable", N_("脱贫不稳定户")
    MARGINAL = "marginal", N_("边缘易致贫户")
    SUDDEN = "sudden", N_("突发严重困难户")
    EXITED = "exited", N_("已退出监测")


class ConsentPurpose(Labelled):
    """What a household agrees to be shown with in public; each by itself (单独同意)."""

    NAME = "name", N_("姓氏和村名")
    STORY = "story", N_("故事")
    PICTURE = "picture", N_("照片")


class HouseholdSecret(Labelled):
    """What is kept encrypted of a household and opened only for a stated reason."""

    CARD = "card", N_("收款卡号")
    IDENTITY = "identity", N_("身份证号")
    PHONE = "phone", N_("电话")


class ReportState(Labelled):
    """A household's “this is wrong”, until the cooperative has answered."""

    OPEN = "open", N_("待回话")
    ANSWERED = "answered", N_("已回话")


REPORT = StateTable(
    "household_report",
    Move(ReportState.OPEN, "answer", ReportState.ANSWERED, P.HOUSEHOLD_EDIT),
)
