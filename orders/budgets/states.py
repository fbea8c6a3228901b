"""How money of a budget moves."""

from __future__ import annotations

from shop.core.labels import N_, Labelled


class BudgetStep(Labelled):
    """One step of an amount through a budget."""

    SET = "set", N_("登记额度")
    RESERVE = "reserve", N_("占用")
    UNRESERVE = "unreserve", N_("释放占用")
    COMMIT = "commit", N_("批准")
    UNCOMMIT = "uncommit", N_("释放批准")
    SPEND = "spend", N_("已付")
    UNSPEND = "unspend", N_("退货冲回")
