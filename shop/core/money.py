"""Money: whole fen (分), never a float, never divided.

Sharing is `largest_remainder`; nothing else in the shop splits an amount.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_AMOUNT = re.compile(r"(?P<sign>-?)(?P<yuan>\d{1,13})(?:\.(?P<fen>\d{1,2}))?")


@dataclass(frozen=True, order=True, slots=True)
class Money:
    """An amount in whole fen. Adds, subtracts, compares, multiplies by whole numbers."""

    fen: int

    def __post_init__(self) -> None:
        if type(self.fen) is not int:
            raise TypeError(f"money is whole fen, not {type(self.fen).__name__}")

    def __add__(self, other: Money) -> Money:
        return Money(self.fen + other.fen)

    def __sub__(self, other: Money) -> Money:
        return Money(self.fen - other.fen)

    def __neg__(self) -> Money:
        return Money(-self.fen)

    def __mul__(self, times: int) -> Money:
        if type(times) is not int:
            raise TypeError("money multiplies by whole numbers only")
        return Money(self.fen * times)

    __rmul__ = __mul__

    def __bool__(self) -> bool:
        return self.fen != 0

    def __str__(self) -> str:
        sign = "-" if self.fen < 0 else ""
        yuan, fen = divmod(abs(self.fen), 100)
        return f"{sign}{yuan}.{fen:02d}"


ZERO = Money(0)


def yuan(text: str) -> Money:
    """Read an amount in yuan as people and banks write it: ``238``, ``1,409.50``, ``¥238.00``.

    Raises:
        ValueError: more than two decimals, a float's exponent, or anything but a number.
    """
    cleaned = text.strip().replace(",", "").replace("，", "").lstrip("¥￥").strip()
    match = _AMOUNT.fullmatch(cleaned)
    if match is None:
        raise ValueError(f"not an amount: {text!r}")
    fen = int(match["yuan"]) * 100 + int((match["fen"] or "").ljust(2, "0"))
    return Money(-fen if match["sign"] else fen)


def total(amounts: Sequence[Money]) -> Money:
    """The sum of amounts; zero for none."""
    return Money(sum(amount.fen for amount in amounts))


def half_up(numerator: int, denominator: int) -> int:
    """Divide whole numbers ≥ 0 and round half up; the rounding of leaf values (鲜叶款)."""
    assert numerator >= 0
    assert denominator > 0
    return (2 * numerator + denominator) // (2 * denominator)


def largest_remainder(amount: Money, weights: Sequence[int]) -> list[Money]:
    """Share an amount ≥ 0 by whole weights, exact to the fen (最大余额法).

    Everyone gets the floor of its exact share; the fen left over go to the largest remainders,
    ties to whoever stands first. Callers order `weights` by public id, ascending in byte order,
    so that the result never depends on chance.

    Args:
        amount: what is shared, not negative.
        weights: whole numbers ≥ 0, at least one above zero (unless the amount is zero).

    Returns:
        One share for each weight, in the same order, summing to `amount`.

    Rule: docs/money.md, “Sharing a lot's revenue”.
    """
    if amount.fen < 0 or any(weight < 0 for weight in weights):
        raise ValueError("only amounts and weights from zero up are shared")
    whole = sum(weights)
    if whole == 0:
        if amount.fen:
            raise ValueError("nobody to share with")
        return [ZERO for _ in weights]
    floors = [amount.fen * weight // whole for weight in weights]
    left = amount.fen - sum(floors)
    by_remainder = sorted(
        range(len(weights)), key=lambda i: (-(amount.fen * weights[i] % whole), i)
    )
    for i in by_remainder[:left]:
        floors[i] += 1
    return [Money(fen) for fen in floors]


def ladder(whole: int, taken_before: int, taken_after: int, total_mass: int) -> int:
    """What part of `whole` leaves a lot when its used mass grows from before to after.

    Successive withdrawals telescope, so those of a used-up lot sum to `whole` exactly.

    Rule: docs/money.md, “Carrying weights through blends”.
    """
    assert 0 <= taken_before <= taken_after <= total_mass
    return whole * taken_after // total_mass - whole * taken_before // total_mass
