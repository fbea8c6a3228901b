"""What the audit log's kinds and verbs are called on pages."""

from __future__ import annotations

from typing import Any

from orders.payments.states import LINE, STATEMENT
from orders.payouts.states import BATCH, ITEM
from orders.purchasing.states import ORDER, PURCHASE
from orders.recalls.states import DESTRUCTION, NOTICE, RECALL
from orders.settlements.states import RUN
from orders.shipments.states import ACCEPTANCE, SHIPMENT
from products.catalogue.states import DISCOUNT, FREIGHT_TABLE, PRICE
from products.certificates.states import CERTIFICATE
from products.disputes.states import DISPUTE
from products.households.states import REPORT
from products.lots.states import LOT, LeafPayment
from products.quality.states import LOT_TEST
from products.stories.states import STORY
from products.traceability.states import COMPLAINT, CodeKind
from shop.core.labels import N_
from shop.core.permissions import Role
from shop.core.states import StateTable
from shop.organisations.states import CHANGE

_TABLES: tuple[StateTable[Any], ...] = (
    LINE,
    STATEMENT,
    BATCH,
    ITEM,
    ORDER,
    PURCHASE,
    RUN,
    ACCEPTANCE,
    SHIPMENT,
    REPORT,
    LOT,
    CERTIFICATE,
    LOT_TEST,
    STORY,
    COMPLAINT,
    RECALL,
    NOTICE,
    DESTRUCTION,
    DISPUTE,
    PRICE,
    DISCOUNT,
    FREIGHT_TABLE,
    CHANGE,
)

#: Kind and stored state → its word, read from the state tables themselves.
STATES = {
    (table.kind, state.value): state.label
    for table in _TABLES
    for move in table.moves
    for state in (move.from_state, move.to_state)
}

KINDS = {
    "account_change": N_("更换收款账户"),
    "acceptance": N_("验收"),
    "api_key": N_("接口钥匙"),
    "bank_line": N_("银行流水行"),
    "bank_statement": N_("银行流水"),
    "budget": N_("经费"),
    "cancellation": N_("部分取消"),
    "refund_account": N_("退款换账户"),
    "certificate": N_("合格证"),
    "certificate_rule": N_("合格证规定"),
    "code_batch": N_("码段"),
    "complaint": N_("投诉"),
    "destruction": N_("销毁"),
    "dispute": N_("争议"),
    "discount": N_("优惠"),
    "freight_table": N_("运费表"),
    "household": N_("农户"),
    "household_report": N_("农户说“不对”"),
    "invoice": N_("发票"),
    "lot": N_("批次"),
    "lot_test": N_("检验"),
    "membership": N_("角色"),
    "order": N_("订单"),
    "organisation": N_("单位"),
    "payee_account": N_("收款账户"),
    "payout": N_("打款批次"),
    "payout_item": N_("打款明细"),
    "price": N_("价格构成"),
    "product": N_("产品"),
    "purchase": N_("采购单"),
    "recall": N_("召回"),
    "recall_notice": N_("召回通知"),
    "return": N_("退货"),
    "settlement": N_("结算"),
    "shipment": N_("发货"),
    "slip_print": N_("全村对账条"),
    "specification": N_("规格"),
    "story": N_("故事"),
    "village": N_("村"),
}

ACTIONS = {
    "accept": N_("验收"),
    "add": N_("登记"),
    "add_external_code": N_("登记外部码"),
    "add_plot": N_("登记地块"),
    "allocate_codes": N_("赋码"),
    "answer": N_("回话"),
    "approve": N_("同意"),
    "arrive": N_("到货"),
    "blend": N_("拼配"),
    "book_fee": N_("记手续费"),
    "cancel": N_("取消"),
    "cancel_rest": N_("其余已取消"),
    "cancel_units": N_("取消没发的货"),
    "clear": N_("复核解冻"),
    "close": N_("结束"),
    "complain": N_("投诉"),
    "confirm": N_("确认"),
    "confirm_receipt": N_("确认收货"),
    "correct": N_("改正"),
    "decline": N_("没有采用"),
    "destroy": N_("销毁"),
    "dismiss": N_("裁定不成立"),
    "download": N_("下载"),
    "draft": N_("编制"),
    "export": N_("导出"),
    "fail": N_("银行退回"),
    "finish": N_("跟进完"),
    "freeze": N_("冻结"),
    "give_consent": N_("登记同意书"),
    "grant": N_("给角色"),
    "hold": N_("银行处理中"),
    "import": N_("导入"),
    "issue": N_("开具"),
    "keep_file": N_("收存扫描件"),
    "lapse": N_("过期失效"),
    "lift": N_("解冻"),
    "list_codes": N_("下载码表"),
    "look": N_("查看密件"),
    "look_at_phone": N_("查看电话"),
    "make": N_("制码"),
    "match": N_("认领"),
    "match_part": N_("部分认领"),
    "print_slips": N_("排全村对账条"),
    "mend": N_("更正并解冻"),
    "nothing_left": N_("货都取消了"),
    "open": N_("发起"),
    "pack_box": N_("装箱"),
    "packed": N_("分装"),
    "phrase": N_("生成新的解压口令"),
    "print_labels": N_("排标签"),
    "processed": N_("初加工"),
    "propose": N_("登记销毁"),
    "publish": N_("公开"),
    "record": N_("登记"),
    "refuse": N_("退回卡"),
    "register": N_("登记农户"),
    "reissue_pin": N_("补发密码"),
    "reopen": N_("重新跟进"),
    "replace": N_("更换"),
    "report": N_("说“不对”"),
    "resolve": N_("认定未付出"),
    "results": N_("导入回盘"),
    "return": N_("退回"),
    "revoke": N_("停用"),
    "set": N_("设置"),
    "send": N_("报复核"),
    "set_standing": N_("登记身份"),
    "ship": N_("发完货"),
    "ship_part": N_("部分发货"),
    "sign_first": N_("第一人签字"),
    "sign_second": N_("第二人签字"),
    "spare": N_("单批解冻"),
    "submit": N_("提交"),
    "take_down": N_("撤下"),
    "tell": N_("写故事"),
    "undo": N_("撤销"),
    "uphold": N_("裁定属实"),
    "void": N_("作废"),
    "weigh_in": N_("过秤"),
    "withdraw": N_("撤回"),
    "withdraw_code": N_("作废一个码"),
    "withdraw_consent": N_("撤回同意书"),
}


FACTS = {
    "amount_fen": N_("金额"),
    "area_m2": N_("面积（平方米）"),
    "before_fen": N_("原来"),
    "closing_fen": N_("期末余额"),
    "codes": N_("种类"),
    "confirmed": N_("成功笔数"),
    "count": N_("个数"),
    "failed": N_("退回笔数"),
    "fen_per_kg": N_("每公斤"),
    "file_hash": N_("文件校验值"),
    "first_serial": N_("起始号"),
    "from_day": N_("起始日"),
    "grams": N_("重量（公斤）"),
    "household": N_("农户"),
    "inputs": N_("投料（克）"),
    "items": N_("笔数"),
    "last4": N_("尾号"),
    "lines": N_("行数"),
    "lots": N_("批次数"),
    "name": N_("名字"),
    "net_grams": N_("净含量（公斤）"),
    "number": N_("编号"),
    "on": N_("日期"),
    "payment": N_("付款方式"),
    "plot": N_("地块"),
    "price_fen": N_("单价"),
    "replaces": N_("代替"),
    "report": N_("所说的事"),
    "result": N_("回盘"),
    "role": N_("角色"),
    "shipment": N_("发货单"),
    "since": N_("自"),
    "steps": N_("阶梯"),
    "taken_grams": N_("取用（公斤）"),
    "total_fen": N_("合计"),
    "units": N_("件数"),
    "until_day": N_("截止日"),
    "unknown": N_("处理中笔数"),
    "value_fen": N_("货值"),
}


#: Facts that are kept as codes, and what those are called.
VALUES = {
    "codes": {one.value: one.label for one in CodeKind},
    "payment": {one.value: one.label for one in LeafPayment},
    "role": {one.value: one.label for one in Role},
}


def kind_word(kind: str) -> str:
    """What a kind is called; its own name when nobody gave it one."""
    return KINDS.get(kind, kind)


def action_word(action: str) -> str:
    """What a verb is called; its own name when nobody gave it one."""
    return ACTIONS.get(action, action)


def state_word(kind: str, state: str | None) -> str:
    """What a kept state is called; empty for none."""
    return STATES.get((kind, state or ""), state or "")


def value_word(name: str, value: str) -> str:
    """What a fact's code is called; the value itself when it is no code."""
    return VALUES.get(name, {}).get(value, value)


def fact_word(name: str) -> str:
    """What a fact is called; its own name when nobody gave it one."""
    return FACTS.get(name, name)
