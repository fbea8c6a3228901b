"""Words shown to people, kept beside the value they name."""

from __future__ import annotations

from enum import Enum


def N_(sentence: str) -> str:
    """Mark a Chinese source sentence for the catalogue; it is translated where it is shown."""
    return sentence


class Labelled(Enum):
    """An enumeration whose members carry a stored value and a Chinese label.

    ``DRAFT = "draft", N_("草稿")`` stores ``"draft"`` and is shown as 草稿 (or its translation).
    """

    label: str

    def __new__(cls, value: str, label: str) -> Labelled:
        """A member known by its stored value, with its label beside it."""
        member = object.__new__(cls)
        member._value_ = value
        member.label = label
        return member

    # There is one of each member, so it need not be told by its name, which takes a call.
    __hash__ = object.__hash__

    def __str__(self) -> str:
        return str(self.value)
