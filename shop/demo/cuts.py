"""Orders that become smaller before they are shipped, and a refund whose account is closed."""

from __future__ import annotations

from sqlalchemy import select

from orders.payouts.refund_accounts import holders_of, is_moving, propose_refund_account
from orders.purchasing.cancelling import cancel_units
from orders.purchasing.models import Allocation, Order, OrderLine, Purchase
from orders.purchasing.states import OrderState
from orders.refunds.models import Refund
from products.catalogue.models import Specification
from shop.demo.papers import sample_file
from shop.demo.region import Region, actor
from shop.demo.story import Story
from shop.identity.models import User
from shop.organisations.models import Organisation

#: (days before the end, whether the cooperative gives up, units, why)
_CUTS = (
    (120, False, 4, "参加活动的人少了。"),
    (75, True, 3, "这一批包装不合格，补不上这几件。"),
    (33, False, 6, "慰问名单核减。"),
    (1, True, 2, "库房清点少了两件。"),
)


class Cuts:
    """Units given up of orders that wait in the store."""

    def __init__(self, story: Story, region: Region) -> None:
        self.story, self.region = story, region

    def plan(self) -> None:
        """Put it into the plot."""
        for ago, seller, units, why in _CUTS:
            self.story.at(self.story.ago(ago, 8, 50), self._cut, seller, units, why, 3)
        self.story.at(self.story.ago(1, 18), self._propose)

    def _cut(self, seller: bool, units: int, why: str, patience: int) -> None:
        row = self.story.tx.execute(
            select(Order.public_id, Specification.public_id, Organisation.code, User.public_id)
            .join(OrderLine, OrderLine.order_id == Order.id)
            .join(Specification, Specification.id == OrderLine.specification_id)
            .join(Allocation, Allocation.line_id == OrderLine.id)
            .join(Organisation, Organisation.id == Order.cooperative_id)
            .join(Purchase, Purchase.id == Order.purchase_id)
            .join(User, User.id == Purchase.buyer_id)
            .where(
                Order.state == OrderState.CONFIRMED,
                Purchase.union_id.is_not(None),
                Allocation.units - Allocation.cancelled_units > units,
            )
            .order_by(Order.id.desc(), OrderLine.id)
            .limit(1)
        ).first()
        if row is None:
            if patience:
                later = self.story.later(2, 8, 50)
                self.story.at(later, self._cut, seller, units, why, patience - 1)
            return
        order, specification, code, buyer = row
        self.story.do(
            cancel_units,
            self.region.managers[code] if seller else actor(self.story, buyer),
            order_id=order,
            lines=((specification, units),),
            reason=why,
            seen_refund=None,
        )

    def _propose(self) -> None:
        """The latest refund's account is closed; another one waits for the second person."""
        latest = self.story.tx.execute(select(Refund).order_by(Refund.id.desc())).scalars()
        refund = next((one for one in latest if not is_moving(self.story.tx, one.id)), None)
        if refund is not None:
            self.story.do(
                propose_refund_account,
                self.region.person("operator"),
                refund_id=refund.public_id,
                holder=holders_of(self.story.tx, refund)[0],
                number="8330 0000 0000 9900",
                bank="示范银行赣州支行",
                cnaps="",
                reason="原账户已经销户，买方来函附新账户的开户证明。",
                file_name="开户证明.pdf",
                media_type="application/pdf",
                content=sample_file("DEMO - NOT A BANK PAPER", "Account ending 9900"),
            )
