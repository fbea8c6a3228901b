"""Loading the demo region: once, whole, and the same every time."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from products.proofs.commands import seal_due, sign_if_due
from shop.core import clock, db
from shop.core.actors import CLOCK
from shop.demo import region, season, tales
from shop.demo.bank import Bank
from shop.demo.books import Books
from shop.demo.callbacks import Callbacks
from shop.demo.codes import Codes
from shop.demo.cuts import Cuts
from shop.demo.finale import Card, Finale
from shop.demo.laboratory import Laboratory
from shop.demo.office import Office
from shop.demo.people import SIGN_INS
from shop.demo.pricing import Pricing
from shop.demo.story import Story
from shop.demo.thread import Buying
from shop.demo.trucks import Trucks
from shop.demo.workshop import Workshop
from shop.identity.models import User


class NotEmpty(Exception):
    """The database holds people of a real shop; their place is not for invented ones."""


def is_loaded() -> bool:
    """Whether the region is there already.

    Raises:
        NotEmpty: other people than the demo's are.
    """
    with db.database().reading() as tx:
        found = tx.execute(select(User.id).where(User.email == SIGN_INS[0].email)).first()
        if not found and tx.execute(select(User.id).limit(1)).first():
            raise NotEmpty()
        return found is not None


def first_day(today: date) -> date:
    """The story begins in January: this year's, or last year's in the first half of a year."""
    return date(today.year - (today.month < 7), 1, 5)


def load(now: datetime) -> Card:
    """Load the region into an empty database, told up to `now`, in one transaction.

    Then what happened is sealed, and a checkpoint signed over it.

    Returns the printed card of the first household.
    """
    today = clock.day_of(now)
    with db.database().writing() as tx:
        story = Story(tx, first=first_day(today), today=today, until=now)
        known = region.set_up(story)
        bank, trucks = Bank(), Trucks(story, known)
        books = Books(story, known, bank)
        finale = Finale(story, known)
        season.plan(story, known)
        tales.plan(story, known)
        Laboratory(story, known).plan()
        Workshop(story, known).plan()
        Buying(story, known, bank, books, trucks).plan()
        books.plan()
        Callbacks(story, known).plan()
        finale.plan()
        Cuts(story, known).plan()
        Pricing(story, known).plan()
        Office(story, known).plan()
        Codes(story, known).plan()
        story.play()
        assert finale.card is not None, "the story is longer than a day"
        card = finale.card
    seal_due(actor=CLOCK, now=now)
    sign_if_due(actor=CLOCK, now=now)
    return card
