"""Terms of business that are settings: how long stock waits, how long silence means yes.

Commands read them here, so that they need no web application; the factory sets them once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Policy:
    """`reserve`: a purchase lapses so long unapproved; `pay`: approved but unpaid.

    `silence`, `silence_fresh`: a retail buyer's goods count as accepted so long after arrival.
    `company_prefix`: the GS1 company prefix that GTINs begin with.
    """

    reserve: timedelta = timedelta(days=7)
    pay: timedelta = timedelta(days=10)
    silence: timedelta = timedelta(days=10)
    silence_fresh: timedelta = timedelta(days=7)
    company_prefix: str = "9520001"


_policy = Policy()


def configure(policy: Policy) -> None:
    """Set the terms of this process; called once by the factory."""
    global _policy
    _policy = policy


def policy() -> Policy:
    """The terms of business of this process."""
    return _policy
