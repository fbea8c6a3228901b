"""Words of the catalogue: categories, tax classes, and how a price comes to count."""

from __future__ import annotations

from shop.core.labels import N_, Labelled
from shop.core.permissions import Permission as P
from shop.core.states import Move, StateTable


class Category(Labelled):
    """Category (品类) on the shop front."""

    TEA = "tea", N_("茶叶")
    FRUIT = "fruit", N_("鲜果")
    OIL = "oil", N_("茶油")
    GRAIN = "grain", N_("米粮")
    POULTRY = "poultry", N_("禽蛋")
    DRY = "dry", N_("干货")
    FOOD = "food", N_("风味食品")


class TaxClass(Labelled):
    """Tax class (税类) of a price, dated with it; the rate is inside the price."""

    EXEMPT = "exempt", N_("免税")
    NINE = "9", N_("9%")
    THIRTEEN = "13", N_("13%")

    @property
    def rate_bp(self) -> int:
        """The rate in basis points."""
        return 0 if self is TaxClass.EXEMPT else int(self.value) * 100


class PriceState(Labelled):
    """How a price, a discount or a freight table stands; only what is approved counts."""

    DRAFT = "draft", N_("草稿")
    WAITING = "waiting", N_("待复核")
    APPROVED = "approved", N_("已批准")
    RETURNED = "returned", N_("已退回")
    WITHDRAWN = "withdrawn", N_("已撤回")


def _lifecycle(kind: str) -> StateTable[PriceState]:
    """Drafted by the cooperative, decided by another person of the platform."""
    drafted = ("draft", "send")
    return StateTable(
        kind,
        Move(PriceState.DRAFT, "send", PriceState.WAITING, P.CATALOGUE_EDIT),
        Move(PriceState.WAITING, "approve", PriceState.APPROVED, P.PRICE_APPROVE, drafted),
        Move(PriceState.WAITING, "return", PriceState.RETURNED, P.PRICE_APPROVE, drafted),
        Move(PriceState.DRAFT, "withdraw", PriceState.WITHDRAWN, P.CATALOGUE_EDIT),
        Move(PriceState.WAITING, "withdraw", PriceState.WITHDRAWN, P.CATALOGUE_EDIT),
        Move(PriceState.RETURNED, "withdraw", PriceState.WITHDRAWN, P.CATALOGUE_EDIT),
        Move(PriceState.APPROVED, "withdraw", PriceState.WITHDRAWN, P.CATALOGUE_EDIT),
    )


PRICE = _lifecycle("price")
DISCOUNT = _lifecycle("discount")
FREIGHT_TABLE = _lifecycle("freight_table")
