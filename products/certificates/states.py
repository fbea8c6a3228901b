"""Words and lifecycle of certificates (承诺达标合格证)."""

from __future__ import annotations

from shop.core.labels import N_, Labelled
from shop.core.permissions import Permission as P
from shop.core.states import Move, StateTable


class CertificateKind(Labelled):
    """Who promises: the cooperative, or the household on a paper of its own or of ours."""

    ISSUED = "issued", N_("合作社开具")
    COLLECTED = "collected", N_("农户自带")
    WRITTEN = "written", N_("过秤时代开")


class CertificateSource(Labelled):
    """How a delivery came by its certificate; households issue theirs of their own free will."""

    COLLECTED = "collected", N_("农户带来了合格证")
    WRITTEN = "written", N_("合作社代写，农户签字")
    NONE = "none", N_("农户没有开合格证")


class PromiseBasis(Labelled):
    """What the promise rests on (承诺依据)."""

    COMMISSIONED = "commissioned", N_("委托检测")
    OWN_TEST = "own_test", N_("自我检测")
    CONTROL = "control", N_("内部质量控制")
    PROMISE = "promise", N_("自我承诺")


class CertificateState(Labelled):
    """A certificate stands until another takes its place or it is voided; it is kept either way."""

    VALID = "valid", N_("有效")
    REPLACED = "replaced", N_("已换新证")
    VOIDED = "voided", N_("已作废")


CERTIFICATE = StateTable(
    "certificate",
    Move(CertificateState.VALID, "replace", CertificateState.REPLACED, P.CERTIFICATE_EDIT),
    Move(CertificateState.VALID, "void", CertificateState.VOIDED, P.CERTIFICATE_EDIT),
)
