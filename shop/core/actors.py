"""Who does something: a signed-in person with roles, a household at its statement, or the clock."""

from __future__ import annotations

from dataclasses import dataclass, field

from shop.core.errors import NotAllowed, NotFound
from shop.core.permissions import GRANTED, Permission, Role


@dataclass(frozen=True, slots=True)
class Grant:
    """One role in one organisation; `everywhere` for the platform's own people."""

    organisation_id: int
    role: Role
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts. `user_id` is the internal key of a person, None for the clock or a household.

    `key` names the actor in once-keys and in the audit log.
    """

    key: str
    name: str
    user_id: int | None = None
    household_id: int | None = None
    grants: tuple[Grant, ...] = field(default=())
    unlimited: bool = False

    def may(self, permission: Permission, organisation_id: int | None = None) -> bool:
        """Whether a role of this actor allows the act in the organisation (None: anywhere)."""
        return self.unlimited or any(
            permission in GRANTED[grant.role]
            and (
                organisation_id is None
                or grant.everywhere
                or grant.organisation_id == organisation_id
            )
            for grant in self.grants
        )

    def belongs_to(self, organisation_id: int) -> bool:
        """Whether the organisation's things are this actor's to see at all."""
        return self.unlimited or any(
            grant.everywhere or grant.organisation_id == organisation_id for grant in self.grants
        )

    def works_in(self, organisation_id: int) -> bool:
        """Whether a role of this actor is of this organisation itself, not of the platform."""
        return any(
            grant.organisation_id == organisation_id and not grant.everywhere
            for grant in self.grants
        )

    def require(self, permission: Permission, organisation_id: int | None = None) -> None:
        """Let the actor pass or refuse.

        Raises:
            NotFound: the organisation's things are not this actor's to see.
            NotAllowed: they are, but no role of the actor allows the act.
        """
        if self.may(permission, organisation_id):
            return
        if organisation_id is not None and not self.belongs_to(organisation_id):
            raise NotFound()
        raise NotAllowed(permission=permission.label)


#: The timetable: lapses reservations, counts silence as acceptance. Never behind a request.
CLOCK = Actor(key="clock", name="定时任务", unlimited=True)

#: Nobody in particular: a visitor.
VISITOR = Actor(key="visitor", name="访客")
