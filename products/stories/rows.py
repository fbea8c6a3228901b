"""What the pages of villages show: frozen rows; nothing that consent does not cover."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from products.stories.states import Drawing, StoryState


@dataclass(frozen=True, slots=True)
class VillageLink:
    """A village to go on to."""

    public_id: str
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class VillageCard:
    """A village in the list; `households` deliver, `consenting` of them under their surname."""

    public_id: str
    name: str
    name_en: str
    township: str
    county: str
    county_en: str
    column: int
    row: int
    altitude_m: int | None
    title: str
    title_en: str
    grows: str
    grows_en: str
    households: int
    consenting: int


@dataclass(frozen=True, slots=True)
class CountyTile:
    """A county on the tile grid, with how many villages of it tell a story."""

    name: str
    name_en: str
    column: int
    row: int
    villages: int
    here: bool


@dataclass(frozen=True, slots=True)
class Tale:
    """What a household says. `name` is to be masked, empty where it does not consent to it."""

    name: str
    village: str
    village_en: str
    words: str
    words_en: str
    drawing: Drawing


@dataclass(frozen=True, slots=True)
class GoodsOfVillage:
    """A product on sale behind which households of the village stand; `lots` are on sale."""

    slug: str
    name: str
    name_en: str
    lots: int
    harvest_to: date


@dataclass(frozen=True, slots=True)
class VillagePage:
    """Everything the public page says of a village. `names` consent; pages mask them.

    `season` are the first and last day on which it brought goods within the last year.
    """

    card: VillageCard
    words: str
    words_en: str
    told: bool
    names: tuple[str, ...]
    tales: tuple[Tale, ...]
    goods: tuple[GoodsOfVillage, ...]
    season: tuple[date, date] | None
    tiles: tuple[CountyTile, ...]


@dataclass(frozen=True, slots=True)
class VillageDesk:
    """A village on the desk of whoever tells its story."""

    public_id: str
    name: str
    township: str
    story_id: str | None
    state: StoryState | None
    title: str
    title_en: str
    words: str
    words_en: str
    grows: str
    grows_en: str


@dataclass(frozen=True, slots=True)
class HouseholdDesk:
    """A household on the desk of whoever tells its story, with full name."""

    public_id: str
    name: str
    village: str
    consents: bool
    story_id: str | None
    state: StoryState | None
    words: str
    words_en: str
    drawing: Drawing | None

    @property
    def shown(self) -> bool:
        """Whether everybody can read it today."""
        return self.consents and self.state is StoryState.PUBLISHED
