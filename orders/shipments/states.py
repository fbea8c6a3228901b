"""Lifecycles of shipments, acceptances and returns."""

from __future__ import annotations

from shop.core.labels import N_, Labelled
from shop.core.permissions import Permission as P
from shop.core.states import Move, StateTable


class ShipmentState(Labelled):
    """Where a shipment (发货) is."""

    SENT = "sent", N_("运输中")
    ARRIVED = "arrived", N_("已到货")
    ACCEPTED = "accepted", N_("已验收")


class AcceptanceState(Labelled):
    """An acceptance (验收) counts when two members signed it."""

    FIRST_SIGNED = "first_signed", N_("待第二人签字")
    SIGNED = "signed", N_("已签字")
    WITHDRAWN = "withdrawn", N_("已撤回")


SHIPMENT = StateTable(
    "shipment",
    Move(ShipmentState.SENT, "arrive", ShipmentState.ARRIVED, P.ORDER_SHIP),
    Move(ShipmentState.SENT, "accept", ShipmentState.ACCEPTED),
    Move(ShipmentState.ARRIVED, "accept", ShipmentState.ACCEPTED),
)

ACCEPTANCE = StateTable(
    "acceptance",
    Move(
        AcceptanceState.FIRST_SIGNED,
        "sign_second",
        AcceptanceState.SIGNED,
        P.ACCEPTANCE_SIGN,
        ("sign_first",),
    ),
    Move(AcceptanceState.FIRST_SIGNED, "confirm_receipt", AcceptanceState.SIGNED),
    Move(AcceptanceState.FIRST_SIGNED, "withdraw", AcceptanceState.WITHDRAWN, P.ACCEPTANCE_SIGN),
)
