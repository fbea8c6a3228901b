"""Which papers there are."""

from __future__ import annotations

from shop.core.labels import N_, Labelled


class PaperKind(Labelled):
    """A paper (单据) of a purchase; its value is the name of its source in templates/papers."""

    CONTRACT = "contract", N_("采购合同")
    PAYMENT_SLIP = "payment_slip", N_("付款通知单")
    DELIVERY_NOTE = "delivery_note", N_("送货单")
    ACCEPTANCE_RECORD = "acceptance_record", N_("验收单")
    SETTLEMENT_SHEET = "settlement_sheet", N_("结算单")
