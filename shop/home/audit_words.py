"""What the audit log's kinds and verbs are called on pages."""

from __future__ import annotations

from shop.core.labels import N_

KINDS = {
    "acceptance": N_("验收"),
    "bank_line": N_("银行流水行"),
    "bank_statement": N_("银行流水"),
    "budget": N_("经费"),
    "household": N_("农户"),
    "household_report": N_("农户说“不对”"),
    "invoice": N_("发票"),
    "lot": N_("批次"),
    "membership": N_("角色"),
    "order": N_("订单"),
    "organisation": N_("单位"),
    "payee_account": N_("收款账户"),
    "payout": N_("打款批次"),
    "payout_item": N_("打款明细"),
    "product": N_("产品"),
    "purchase": N_("采购单"),
    "return": N_("退货"),
    "settlement": N_("结算"),
    "shipment": N_("发货"),
    "specification": N_("规格"),
    "village": N_("村"),
}

ACTIONS = {
    "accept": N_("验收"),
    "add": N_("登记"),
    "add_plot": N_("登记地块"),
    "answer": N_("回话"),
    "approve": N_("同意"),
    "arrive": N_("到货"),
    "blend": N_("拼配"),
    "book_fee": N_("记手续费"),
    "cancel": N_("取消"),
    "close": N_("结束"),
    "confirm": N_("确认"),
    "confirm_receipt": N_("确认收货"),
    "download": N_("下载"),
    "draft": N_("编制"),
    "export": N_("导出"),
    "fail": N_("银行退回"),
    "give_consent": N_("登记同意书"),
    "grant": N_("给角色"),
    "hold": N_("银行处理中"),
    "import": N_("导入"),
    "lapse": N_("过期失效"),
    "look": N_("查看密件"),
    "match": N_("认领"),
    "match_part": N_("部分认领"),
    "record": N_("登记"),
    "refuse": N_("退回卡"),
    "register": N_("登记农户"),
    "reissue_pin": N_("补发密码"),
    "report": N_("说“不对”"),
    "results": N_("导入回盘"),
    "return": N_("退回"),
    "set": N_("设置"),
    "set_ladder": N_("设阶梯价"),
    "set_price": N_("设价格"),
    "set_standing": N_("登记身份"),
    "ship": N_("发完货"),
    "ship_part": N_("部分发货"),
    "sign_first": N_("第一人签字"),
    "sign_second": N_("第二人签字"),
    "submit": N_("提交"),
    "undo": N_("撤销"),
    "void": N_("作废"),
    "withdraw": N_("撤回"),
    "withdraw_consent": N_("撤回同意书"),
}


def kind_word(kind: str) -> str:
    """What a kind is called; its own name when nobody gave it one."""
    return KINDS.get(kind, kind)


def action_word(action: str) -> str:
    """What a verb is called; its own name when nobody gave it one."""
    return ACTIONS.get(action, action)
