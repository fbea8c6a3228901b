"""What a role may do. Every view names a permission; every command checks it again."""

from __future__ import annotations

from shop.core.labels import N_, Labelled


class Permission(Labelled):
    """One kind of act, named after the thing and the verb."""

    PURCHASE_READ = "purchase:read", N_("查看采购")
    PURCHASE_DRAFT = "purchase:draft", N_("拟定和提交采购单")
    PURCHASE_APPROVE = "purchase:approve", N_("审批采购单")
    BUDGET_SET = "budget:set", N_("登记经费")
    ACCEPTANCE_SIGN = "acceptance:sign", N_("验收签字")
    RETURN_REQUEST = "return:request", N_("登记退货")

    RETURN_DECIDE = "return:decide", N_("答复退货、验收退货")

    DELIVERY_WEIGH = "delivery:weigh", N_("称重收购")
    LOT_READ = "lot:read", N_("查看批次和库存")
    LOT_MAKE = "lot:make", N_("加工、拼配和分装")
    CODE_MAKE = "code:make", N_("制码、赋码和打印标签")
    COMPLAINT_ANSWER = "complaint:answer", N_("答复投诉")
    ALARM_DECIDE = "alarm:decide", N_("复核物料平衡报警")
    PROCESS_EDIT = "process:edit", N_("编辑加工工艺")
    MASS_RULE_EDIT = "mass_rule:edit", N_("编辑平衡标准")
    CERTIFICATE_EDIT = "certificate:edit", N_("开合格证、登记检验")
    STORY_EDIT = "story:edit", N_("写村庄和农户的故事")
    HOUSEHOLD_READ = "household:read", N_("查看农户")
    HOUSEHOLD_EDIT = "household:edit", N_("登记农户、同意书和收款卡")
    ACCOUNT_PROPOSE = "account:propose", N_("提出更换单位收款账户")
    ACCOUNT_CONFIRM = "account:confirm", N_("复核更换收款账户")
    CATALOGUE_EDIT = "catalogue:edit", N_("编辑商品")
    PRICE_APPROVE = "price:approve", N_("复核价格、优惠和运费表")
    ORDER_READ = "order:read", N_("查看客户订单")
    ORDER_SHIP = "order:ship", N_("发货")
    ORDER_CANCEL = "order:cancel", N_("代买方取消没发的货")
    RECALL_OPEN = "recall:open", N_("发起召回和演练")
    RECALL_CLOSE = "recall:close", N_("结束召回和解冻")
    RECALL_FOLLOW = "recall:follow", N_("跟进召回和销毁")
    DISPUTE_DECIDE = "dispute:decide", N_("登记和裁定争议")
    INVOICE_RECORD = "invoice:record", N_("登记发票")
    FREIGHT_READ = "freight:read", N_("查看运费对账")

    BANK_IMPORT = "bank:import", N_("导入银行流水")
    BANK_MATCH = "bank:match", N_("认领来款")
    SETTLEMENT_DRAFT = "settlement:draft", N_("试算结算")
    SETTLEMENT_APPROVE = "settlement:approve", N_("复核结算")
    PAYOUT_DRAFT = "payout:draft", N_("编制打款")
    PAYOUT_APPROVE = "payout:approve", N_("复核打款")
    TERMS_EDIT = "payment_terms:edit", N_("拟定账期规定")
    TERMS_APPROVE = "payment_terms:approve", N_("复核账期规定")
    PAYMENT_ANSWER = "payment:answer", N_("答复催款提醒")
    BOOKS_CLOSE = "books:close", N_("对账签字和月结")
    API_KEY_MANAGE = "api_key:manage", N_("管理接口钥匙")
    EVENT_READ = "event:read", N_("用接口查询事件")
    EVENT_CAPTURE = "event:capture", N_("用接口登记事件")
    PLATFORM_READ = "platform:read", N_("查看平台账目")
    AUDIT_READ = "audit:read", N_("审计查阅")
    LOG_SIGN = "log:sign", N_("签发检查点，登记联署人")


class Role(Labelled):
    """What somebody is in an organisation; one person may be several things in several places."""

    MEMBER = "member", N_("职工")
    CLERK = "clerk", N_("经办人")
    APPROVER = "approver", N_("审批人")
    FINANCE = "finance", N_("工会财务")
    RECEIVER = "receiver", N_("验收人")
    UNION_AUDITOR = "union_auditor", N_("经审")
    MANAGER = "manager", N_("合作社经理")
    WEIGHER = "weigher", N_("收购员")
    CARRIER = "carrier", N_("承运")
    OPERATOR = "operator", N_("平台运营")
    TREASURER = "treasurer", N_("平台财务")
    AUDITOR = "auditor", N_("审计")
    PROGRAM = "program", N_("接口程序")


_P = Permission

GRANTED: dict[Role, frozenset[Permission]] = {
    Role.MEMBER: frozenset(),
    Role.CLERK: frozenset(
        {
            _P.PURCHASE_READ,
            _P.PURCHASE_DRAFT,
            _P.ACCEPTANCE_SIGN,
            _P.RETURN_REQUEST,
            _P.PAYMENT_ANSWER,
        }
    ),
    Role.APPROVER: frozenset({_P.PURCHASE_READ, _P.PURCHASE_APPROVE, _P.ACCEPTANCE_SIGN}),
    Role.FINANCE: frozenset({_P.PURCHASE_READ, _P.BUDGET_SET, _P.PAYMENT_ANSWER}),
    Role.RECEIVER: frozenset({_P.PURCHASE_READ, _P.ACCEPTANCE_SIGN}),
    Role.UNION_AUDITOR: frozenset({_P.PURCHASE_READ}),
    Role.MANAGER: frozenset(
        {
            _P.DELIVERY_WEIGH,
            _P.LOT_READ,
            _P.LOT_MAKE,
            _P.CODE_MAKE,
            _P.COMPLAINT_ANSWER,
            _P.ALARM_DECIDE,
            _P.PROCESS_EDIT,
            _P.CERTIFICATE_EDIT,
            _P.STORY_EDIT,
            _P.HOUSEHOLD_READ,
            _P.HOUSEHOLD_EDIT,
            _P.ACCOUNT_PROPOSE,
            _P.ACCOUNT_CONFIRM,
            _P.CATALOGUE_EDIT,
            _P.ORDER_READ,
            _P.ORDER_SHIP,
            _P.ORDER_CANCEL,
            _P.RETURN_DECIDE,
            _P.RECALL_FOLLOW,
            _P.INVOICE_RECORD,
            _P.API_KEY_MANAGE,
        }
    ),
    Role.WEIGHER: frozenset({_P.DELIVERY_WEIGH, _P.LOT_READ, _P.HOUSEHOLD_READ}),
    Role.CARRIER: frozenset({_P.FREIGHT_READ}),
    Role.OPERATOR: frozenset(
        {
            _P.PLATFORM_READ,
            _P.ORDER_READ,
            _P.ORDER_CANCEL,
            _P.RETURN_DECIDE,
            _P.LOT_READ,
            _P.COMPLAINT_ANSWER,
            _P.ALARM_DECIDE,
            _P.PROCESS_EDIT,
            _P.MASS_RULE_EDIT,
            _P.STORY_EDIT,
            _P.PRICE_APPROVE,
            _P.RECALL_OPEN,
            _P.RECALL_CLOSE,
            _P.RECALL_FOLLOW,
            _P.DISPUTE_DECIDE,
            _P.BANK_IMPORT,
            _P.BANK_MATCH,
            _P.SETTLEMENT_DRAFT,
            _P.PAYOUT_DRAFT,
            _P.ACCOUNT_PROPOSE,
            _P.TERMS_EDIT,
            _P.BOOKS_CLOSE,
            _P.API_KEY_MANAGE,
            _P.LOG_SIGN,
        }
    ),
    Role.TREASURER: frozenset(
        {
            _P.PLATFORM_READ,
            _P.PRICE_APPROVE,
            _P.SETTLEMENT_APPROVE,
            _P.PAYOUT_APPROVE,
            _P.ACCOUNT_CONFIRM,
            _P.TERMS_APPROVE,
            _P.BOOKS_CLOSE,
            _P.RECALL_CLOSE,
            _P.DISPUTE_DECIDE,
        }
    ),
    Role.AUDITOR: frozenset({_P.AUDIT_READ, _P.PLATFORM_READ}),
    Role.PROGRAM: frozenset({_P.EVENT_READ, _P.EVENT_CAPTURE}),
}
