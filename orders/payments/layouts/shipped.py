"""Layouts every shop begins with: invented banks, as different from each other as real ones.

They are written into the table by the first migration; afterwards the table alone counts.
"""

from __future__ import annotations

from orders.payments.formats.tables import Field, Layout
from orders.payments.states import AmountWay, Encoding

LAYOUTS = (
    Layout(
        name="示范银行 网银流水",
        bank="示范银行",
        way=AmountWay.DIRECTION,
        columns={
            Field.TIME: "交易时间",
            Field.DIRECTION: "收支方向",
            Field.AMOUNT: "金额",
            Field.BALANCE: "余额",
            Field.NAME: "对方户名",
            Field.ACCOUNT: "对方账号",
            Field.MEMO: "附言",
            Field.SERIAL: "流水号",
        },
        words_in=("收入", "贷"),
        words_out=("支出", "借"),
        others=False,
    ),
    Layout(
        name="青山银行 对公明细",
        bank="青山银行",
        way=AmountWay.SIDES,
        columns={
            Field.DATE: "交易日期",
            Field.CLOCK: "交易时刻",
            Field.DEBIT: "借方发生额",
            Field.CREDIT: "贷方发生额",
            Field.BALANCE: "账户余额",
            Field.NAME: "对方单位",
            Field.ACCOUNT: "对方账号",
            Field.MEMO: "摘要+用途",
            Field.SERIAL: "交易流水号",
        },
        encoding=Encoding.GB18030,
        skip=2,
        newest_first=True,
    ),
    Layout(
        name="云岭银行 活期明细",
        bank="云岭银行",
        way=AmountWay.SIGNED,
        columns={
            Field.TIME: "记账时间",
            Field.AMOUNT: "发生额",
            Field.BALANCE: "本次余额",
            Field.NAME: "对方名称",
            Field.ACCOUNT: "对方账户",
            Field.MEMO: "备注",
            Field.SERIAL: "明细编号",
        },
        encoding=Encoding.UTF8,
        delimiter="\t",
    ),
    Layout(
        name="稻田银行 账户明细",
        bank="稻田银行",
        way=AmountWay.DIRECTION,
        columns={
            Field.DATE: "交易日",
            Field.CLOCK: "交易时间",
            Field.DIRECTION: "借贷标志",
            Field.AMOUNT: "交易金额",
            Field.BALANCE: "余额",
            Field.NAME: "对手名称",
            Field.ACCOUNT: "对手账号",
            Field.MEMO: "交易附言",
            Field.SERIAL: "传票号",
        },
        words_in=("贷", "贷方", "C"),
        words_out=("借", "借方", "D"),
        skip=1,
        skip_after=1,
    ),
)
