"""What each statement of `check-books` is called on pages (核账项目)."""

from __future__ import annotations

from shop.core.labels import N_

#: By the name of the check; `tests/orders/closing` holds them against `orders.books`.
WORDS = {
    "journals are complete": N_("每张凭证的笔数和合计都对"),
    "transfers have a journal": N_("每笔划转都在凭证里"),
    "no account is below zero": N_("没有账户低于零"),
    "custody is not overdrawn": N_("监管账户没有透支"),
    "purchases equal their orders": N_("采购单等于它的各张订单"),
    "orders equal their lines": N_("订单等于它的各行"),
    "lines equal their allocations": N_("订单行等于分配的件数"),
    "acceptances equal what was sent": N_("验收等于发出的件数"),
    "acceptances were posted in full": N_("验收全额入了账"),
    "escrow equals paid less accepted less refunded": N_("待结算款等于已付减验收减退款"),
    "nothing is refunded that was not paid": N_("没有退过没付的钱"),
    "refunds in transit equal refunds not yet left": N_("在途退款等于还没付出的退款"),
    "refunds of unclaimed money in transit equal those not yet left": N_(
        "无主款的在途退款等于还没付出的"
    ),
    "lot pools equal accepted less settled": N_("批次农户份额等于验收减结算"),
    "shares are exact to the fen": N_("各户份额精确到分"),
    "households are owed what was settled less what left": N_("应付农户等于结算减打款"),
    "reserves hold what was set aside and not needed": N_("风险准备金等于计提减动用"),
    "runs equal their items": N_("结算单等于它的各户"),
    "acceptance lines carry their lot and what it earns": N_("验收行的批次和农户份额都对"),
    "payouts in transit equal their items": N_("在途打款等于它的各笔"),
    "batches equal their items": N_("打款批次等于它的各笔"),
    "bank files hold every item of their batch once": N_("银行文件里每笔各有一次"),
    "payouts sent back came in by one line of their amount": N_("每笔退汇各有一笔同额来款"),
    "what came back is paid again once at the most": N_("退回的最多再付一次"),
    "custody equals the bank's lines": N_("监管账户等于银行流水"),
    "suspense equals unclaimed lines": N_("待认领款等于没人认领的流水"),
    "unpaid acceptances have a due day": N_("没付清的验收都有到期日"),
    "interest paid equals its journals": N_("已收利息等于它的凭证"),
    "no more interest is paid than accrued": N_("收的利息不超过应计的"),
    "what cooperatives paid equals its journals": N_("合作社交款等于它的凭证"),
    "statements equal their lines": N_("银行流水等于它的各行"),
    "reserved units equal open orders": N_("占用的件数等于没发的订单"),
    "payments give back what their refunds say": N_("收款退回的等于退款"),
    "shipped units equal shipments": N_("发出的件数等于发货单"),
    "written off units equal damage and destruction": N_("核销的件数等于破损和销毁"),
    "returned units equal returns": N_("退回的件数等于退货单"),
    "units asked back equal open requests": N_("申请退的件数等于没办完的申请"),
    "used grams equal withdrawals": N_("用掉的克数等于投料"),
    "packed units weigh what went in": N_("成品的重量等于投料"),
    "deliveries are worth grams times price": N_("投售的价值等于克数乘单价"),
    "deliveries stand as their shares say": N_("投售和它的份额一致"),
    "lost grams equal losses": N_("损耗的克数等于损耗单"),
    "freezes equal what stands": N_("冻结的次数等于没解除的"),
    "nothing weighs more than what went into it": N_("没有批次比投料重"),
    "withdrawals and losses leave no gap": N_("投料和损耗首尾相接"),
    "shares are carried by the ladder": N_("份额按阶梯逐批带下来"),
    "budgets equal their moves": N_("预算等于它的各次变动"),
    "every event is posted once": N_("每件事只记一次账"),
    "vouchers are numbered without a gap": N_("凭证号连续"),
    "every journal of a closed month has its number": N_("已结账月份的凭证都有号"),
    "cancelled units equal cancellations": N_("取消的件数等于各次部分取消"),
    "cancellations are worth their units": N_("部分取消的金额等于件数乘单价"),
    "months are closed in order": N_("月份依次结账"),
}


def named(check: str) -> str:
    """A check's name as a source sentence; one that is new here keeps its own."""
    return WORDS.get(check, check)
