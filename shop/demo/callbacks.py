"""What goes wrong in the story: a drill, a recall with returns, two disputes.

Everything is of one cooperative and is over, but one dispute, before the last settlement is tried.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, select

from orders.purchasing.models import Allocation, Order, Purchase
from orders.recalls import commands, destroying, following
from orders.recalls.models import Recall, RecallLot, RecallNotice
from orders.recalls.scope import Scope
from orders.recalls.states import Channel, Fate, NoticeState, RecallReason, ScopeKind
from orders.shipments.models import Acceptance, AcceptanceLine
from orders.shipments.returning import return_goods
from orders.shipments.states import AcceptanceState
from products.disputes import commands as disputes
from products.disputes.states import ClaimKind
from products.households.models import Household
from products.lots.models import Delivery, Lot, StandingShare
from products.lots.states import LotKind, LotState
from products.lots.stock import units_left
from shop.core.actors import Actor
from shop.demo.region import Home, Region, actor
from shop.demo.story import Story
from shop.identity.models import User
from shop.organisations.models import Organisation

_COOPERATIVE = "SCTH"


class Callbacks:
    """The operator opens, buyers answer, the cooperative follows up, the treasurer ends."""

    def __init__(self, story: Story, region: Region) -> None:
        self.story, self.region = story, region
        self.operator, self.treasurer = region.person("operator"), region.person("treasurer")
        self.manager = region.managers[_COOPERATIVE]

    def plan(self) -> None:
        """Put it into the plot."""
        story = self.story
        first = self.region.homes[_COOPERATIVE]
        story.at(story.ago(40, 14), self._drill)
        story.at(story.ago(30, 19), self._dispute_delivery, first[0])
        story.at(story.ago(12, 9, 30), self._recall)
        story.at(story.ago(3, 19, 30), self._dispute_stock)

    # --- a drill and a recall -------------------------------------------------------------------

    def _drill(self) -> None:
        number = self.story.tx.execute(
            select(Lot.number)
            .join(Delivery, Delivery.lot_id == Lot.id)
            .join(Organisation, Organisation.id == Lot.cooperative_id)
            .where(Organisation.code == _COOPERATIVE, Lot.used_grams > 0)
            .order_by(Lot.id)
            .limit(1)
        ).scalar_one_or_none()
        if number is not None:
            drill = self._open(number, ScopeKind.DELIVERY, RecallReason.OTHER, drill=True)
            self.story.at(
                self.story.later(0, 16), self._close, drill, "名单齐全，电话抽查三户都打得通。"
            )

    def _recall(self) -> None:
        """The packed lot with the least left of it, if any, of which units were accepted."""
        number = self.story.tx.execute(
            select(Lot.number)
            .join(Organisation, Organisation.id == Lot.cooperative_id)
            .join(Allocation, Allocation.lot_id == Lot.id)
            .join(AcceptanceLine, AcceptanceLine.allocation_id == Allocation.id)
            .join(Acceptance, Acceptance.id == AcceptanceLine.acceptance_id)
            .where(
                Organisation.code == _COOPERATIVE,
                Lot.kind == LotKind.PACKED,
                Lot.freezes == 0,
                Lot.reserved_units == 0,
                Acceptance.state == AcceptanceState.SIGNED,
                AcceptanceLine.accepted_units - AcceptanceLine.returned_units > 2,
            )
            .order_by(units_left() == 0, units_left(), Lot.id)
            .limit(1)
        ).scalar_one_or_none()
        if number is None:
            return
        story = self.story
        recall = self._open(number, ScopeKind.LOT, RecallReason.QUALITY, drill=False)
        story.at(story.later(0, 10, 30), self._take_note, recall)
        story.at(story.later(1, 11), self._answer, recall)
        story.at(story.later(2, 10), self._send_back, recall)
        story.at(story.later(4, 15), self._follow, recall)
        story.at(story.later(5, 9), self._destroy, recall)
        story.at(
            story.later(7, 10),
            self._close,
            recall,
            "封口机压条松了，已换；收回的和库存的都已销毁，其余已食用，没有人不适。",
        )

    def _open(self, number: str, kind: ScopeKind, why: RecallReason, *, drill: bool) -> str:
        return self.story.do(
            commands.open_recall,
            self.operator,
            scope=Scope(kind, what=number),
            drill=drill,
            reason_kind=why,
            reason="年度演练。" if drill else "几件封口不严，里面可能受潮。",
            advice="演练，不用处理。" if drill else "没开封的连包装退回；有异味的不要食用。",
        )

    def _take_note(self, recall: str) -> None:
        for notice in self._notices(recall, RecallNotice.order_id.is_(None)):
            self.story.do(following.take_note, self.manager, notice_id=notice.public_id)

    def _answer(self, recall: str) -> None:
        rows = self.story.tx.execute(
            select(Purchase.public_id, User.public_id, func.sum(RecallNotice.units))
            .join(Order, Order.purchase_id == Purchase.id)
            .join(RecallNotice, RecallNotice.order_id == Order.id)
            .join(Recall, Recall.id == RecallNotice.recall_id)
            .join(User, User.id == Purchase.buyer_id)
            .where(Recall.public_id == recall)
            .group_by(Purchase.id, User.id)
            .order_by(Purchase.id)
        ).all()
        for purchase, user, units in rows:
            self.story.do(
                following.answer_notice,
                actor(self.story, user),
                recall_id=recall,
                purchase_id=purchase,
                holds=min(2, int(units)),
                words="其余已经发给职工，没有人说不好。" if units > 2 else "",
            )

    def _send_back(self, recall: str) -> None:
        """Who still has two sends them back, and is refunded."""
        rows = self.story.tx.execute(
            select(Acceptance.public_id, AcceptanceLine.public_id, User.public_id)
            .join(AcceptanceLine, AcceptanceLine.acceptance_id == Acceptance.id)
            .join(Allocation, Allocation.id == AcceptanceLine.allocation_id)
            .join(Order, Order.id == Acceptance.order_id)
            .join(Purchase, Purchase.id == Order.purchase_id)
            .join(User, User.id == Purchase.buyer_id)
            .join(RecallNotice, RecallNotice.order_id == Order.id)
            .join(Recall, Recall.id == RecallNotice.recall_id)
            .where(
                Recall.public_id == recall,
                Allocation.lot_id.in_(self._lots(recall)),
                Acceptance.state == AcceptanceState.SIGNED,
                AcceptanceLine.accepted_units - AcceptanceLine.returned_units > 2,
                RecallNotice.units > 2,
                Purchase.union_id.is_not(None),
            )
            .order_by(AcceptanceLine.id)
        ).all()
        for acceptance, line, user in rows[:1]:
            self.story.do(
                return_goods,
                actor(self.story, user),
                acceptance_id=acceptance,
                lines=((line, 2),),
                reason="召回：封口不严。",
            )

    def _follow(self, recall: str) -> None:
        for notice in self._notices(
            recall, RecallNotice.order_id.is_not(None), RecallNotice.state != NoticeState.DONE
        ):
            back = min(2, notice.units)
            for fate, units, words in (
                (Fate.CONTACTED, 0, "电话打通，说好了怎么退。"),
                (Fate.RETURNED, back, "快递收到，件数对。"),
                (Fate.KEPT, notice.units - back, "已经食用，没有不适。"),
            ):
                if units or fate is Fate.CONTACTED:
                    self.story.do(
                        following.follow_up,
                        self.manager,
                        notice_id=notice.public_id,
                        fate=fate,
                        units=units,
                        channel=Channel.PHONE,
                        words=words,
                    )

    def _destroy(self, recall: str) -> None:
        lots = self.story.tx.execute(
            select(Lot.public_id, units_left()).where(
                Lot.id.in_(self._lots(recall)), units_left() > 0
            )
        ).all()
        for lot, units in lots:
            row = self.story.do(
                destroying.propose_destruction,
                self.manager,
                recall_id=recall,
                lot_id=lot,
                grams=0,
                units=int(units),
                words="拆包后送镇上堆肥场，过磅留单。",
            )
            self.story.do(destroying.destroy, self.operator, destruction_id=row)

    def _close(self, recall: str, words: str) -> None:
        self.story.do(commands.close_recall, self.treasurer, recall_id=recall, reason=words)

    def _lots(self, recall: str) -> list[int]:
        return list(
            self.story.tx.execute(
                select(RecallLot.lot_id)
                .join(Recall, Recall.id == RecallLot.recall_id)
                .where(Recall.public_id == recall)
            ).scalars()
        )

    def _notices(self, recall: str, *conditions: ColumnElement[bool]) -> list[RecallNotice]:
        return list(
            self.story.tx.execute(
                select(RecallNotice)
                .join(Recall, Recall.id == RecallNotice.recall_id)
                .where(Recall.public_id == recall, *conditions)
                .order_by(RecallNotice.id)
            ).scalars()
        )

    # --- disputes -------------------------------------------------------------------------------

    def _dispute_delivery(self, home: Home) -> None:
        """A household thinks that a weigh-in is not its own; the slip says it is."""
        lot = self.story.tx.execute(
            select(Lot.public_id)
            .join(Delivery, Delivery.lot_id == Lot.id)
            .join(Household, Household.id == Delivery.household_id)
            .where(Household.public_id == home.id, Lot.state == LotState.RECORDED)
            .order_by(Lot.id.desc())
            .limit(1)
        ).scalar_one_or_none()
        if lot is None:
            return
        dispute = self.story.do(
            disputes.open_dispute,
            self._household(home.id),
            lot_id=lot,
            claim=ClaimKind.NOT_MINE,
            words="那天是隔壁送的，记到我家了。",
        )
        self.story.at(self.story.later(1, 8), self._dismiss, dispute)

    def _dismiss(self, dispute: str) -> None:
        self.story.do(
            disputes.decide_dispute,
            self.treasurer,
            dispute_id=dispute,
            upheld=False,
            reason="翻了磅单，是您女儿来送的，签了字。隔壁那一秤另有单子。",
        )

    def _dispute_stock(self) -> None:
        """A household disputes how much of a lot is its own: one that is not much asked for."""
        found = self.story.tx.execute(
            select(Lot.public_id, Household.public_id)
            .join(Organisation, Organisation.id == Lot.cooperative_id)
            .join(StandingShare, StandingShare.lot_id == Lot.id)
            .join(Household, Household.id == StandingShare.household_id)
            .where(
                Organisation.code == _COOPERATIVE,
                Lot.kind == LotKind.PACKED,
                Lot.freezes == 0,
                Lot.reserved_units == 0,
                units_left() > 0,
            )
            .order_by(units_left(), Lot.id, Household.id)
            .limit(1)
        ).one_or_none()
        if found is not None:
            self.story.do(
                disputes.open_dispute,
                self._household(found[1]),
                lot_id=found[0],
                claim=ClaimKind.QUANTITY,
                words="我家交的不止这些。",
            )

    def _household(self, public_id: str) -> Actor:
        row = self.story.tx.execute(
            select(Household.id, Household.name).where(Household.public_id == public_id)
        ).one()
        return Actor(key=public_id, name=row.name, household_id=row.id)
