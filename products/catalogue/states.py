"""Words of the catalogue: categories and tax classes."""

from __future__ import annotations

from shop.core.labels import N_, Labelled


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
    """Tax class (税类) of a specification; the rate is inside the price."""

    EXEMPT = "exempt", N_("免税")
    NINE = "9", N_("9%")
    THIRTEEN = "13", N_("13%")

    @property
    def rate_bp(self) -> int:
        """The rate in basis points."""
        return 0 if self is TaxClass.EXEMPT else int(self.value) * 100
