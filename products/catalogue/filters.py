"""What a reader of the catalogue asks for, as it stands in the address."""

from __future__ import annotations

from dataclasses import dataclass, replace

from products.catalogue.states import Category
from shop.core.labels import N_, Labelled

PER_PAGE = 24


class Sort(Labelled):
    """In which order the catalogue is shown."""

    BEST = "best", N_("综合")
    PRICE = "price", N_("每百克价格从低到高")
    HARVEST = "harvest", N_("采收新近")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Search words, filters, order and page; nothing chosen means everything."""

    words: str = ""
    categories: tuple[Category, ...] = ()
    counties: tuple[str, ...] = ()
    in_stock: bool = False
    indicated: bool = False
    sort: Sort = Sort.BEST
    page: int = 1

    @property
    def filtered(self) -> bool:
        """Whether anything but search words narrows the list."""
        return bool(self.categories or self.counties or self.in_stock or self.indicated)

    def arguments(self, *, page: int = 1) -> dict[str, str | list[str]]:
        """This wish as arguments of an address; what is not chosen is left out."""
        found: dict[str, str | list[str]] = {}
        if self.words:
            found["q"] = self.words
        if self.categories:
            found["category"] = [category.value for category in self.categories]
        if self.counties:
            found["county"] = list(self.counties)
        if self.in_stock:
            found["stock"] = "1"
        if self.indicated:
            found["gi"] = "1"
        if self.sort is not Sort.BEST:
            found["sort"] = self.sort.value
        if page > 1:
            found["page"] = str(page)
        return found

    def without_category(self, category: Category) -> Wanted:
        """The same wish without one category."""
        return replace(self, categories=tuple(c for c in self.categories if c is not category))

    def without_county(self, code: str) -> Wanted:
        """The same wish without one county."""
        return replace(self, counties=tuple(c for c in self.counties if c != code))

    def with_words(self, words: str) -> Wanted:
        """The same wish with other search words."""
        return replace(self, words=words)

    def with_stock(self, in_stock: bool) -> Wanted:
        """The same wish for what is in stock only, or for everything."""
        return replace(self, in_stock=in_stock)

    def with_indication(self, indicated: bool) -> Wanted:
        """The same wish for geographical indications only, or for everything."""
        return replace(self, indicated=indicated)

    def sorted_by(self, sort: Sort) -> Wanted:
        """The same wish in another order."""
        return replace(self, sort=sort)
