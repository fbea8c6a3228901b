"""The demo bank: keeps the custody account, writes statements, answers payout files.

It knows only what a bank knows: transfers that arrive, and the files it is given.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shop.core.clock import SHANGHAI
from shop.core.money import ZERO, Money, yuan

STATEMENT = ("交易时间", "收支方向", "金额", "余额", "对方户名", "对方账号", "附言", "流水号")
ANSWER = ("业务参考号", "状态", "原因", "处理时间")

#: Cards of this prefix do not exist here.
UNKNOWN_CARDS = "8399"


@dataclass
class Bank:
    """One custody account; `held` lines wait for the next statement."""

    balance: Money = ZERO
    serial: int = 0
    held: list[tuple[str, ...]] = field(default_factory=list)
    slow: list[tuple[Money, str, str, str]] = field(default_factory=list)

    def credit(self, at: datetime, amount: Money, name: str, account: str, memo: str) -> None:
        """Somebody's transfer arrives."""
        self._enter(at, "收入", amount, name, account, memo)

    def debit(self, at: datetime, amount: Money, name: str, account: str, memo: str) -> None:
        """Money leaves the account."""
        self._enter(at, "支出", amount, name, account, memo)

    def statement(self) -> bytes:
        """The lines since the last statement, as the bank's CSV in GB18030."""
        content = _csv(STATEMENT, self.held)
        self.held = []
        return content

    def answer(self, payout_file: bytes, at: datetime, *, slow: int = 0) -> bytes:
        """Carry a payout file out and say what became of every row.

        Args:
            slow: so many of the good rows are still being worked on; see `finish`.
        """
        answers = []
        for row in csv.DictReader(io.StringIO(payout_file.decode("gb18030"))):
            account, reference = _plain(row["收款账号"]), _plain(row["业务参考号"])
            item = (yuan(row["金额"]), row["收款户名"], account, f"打款 {reference}")
            if account.startswith(UNKNOWN_CARDS):
                state, reason = "失败", "账号与户名不符"
            elif slow:
                state, reason, slow = "处理中", "跨行处理中", slow - 1
                self.slow.append(item)
            else:
                state, reason = "成功", ""
                self.debit(at, *item)
            answers.append((reference, state, reason, _time(at)))
        return _csv(ANSWER, answers)

    def send_back(self, payout_file: bytes, payee: str, at: datetime) -> None:
        """What was paid to somebody comes back: the account was closed meanwhile (退汇)."""
        for row in csv.DictReader(io.StringIO(payout_file.decode("gb18030"))):
            if row["收款户名"] == payee:
                account, reference = _plain(row["收款账号"]), _plain(row["业务参考号"])
                self.credit(at, yuan(row["金额"]), payee, account, f"退汇 {reference} 账户已销户")

    def finish(self, at: datetime) -> None:
        """What was being worked on leaves; only the statement tells."""
        for item in self.slow:
            self.debit(at, *item)
        self.slow = []

    def _enter(
        self, at: datetime, way: str, amount: Money, name: str, account: str, memo: str
    ) -> None:
        self.balance = self.balance + amount if way == "收入" else self.balance - amount
        self.serial += 1
        self.held.append(
            (
                _time(at),
                way,
                str(amount),
                str(self.balance),
                name,
                account,
                memo,
                f"SF{self.serial:010d}",
            )
        )


def _plain(cell: str) -> str:
    """A cell without the marks that keep spreadsheets from reading it as a number."""
    return "".join(cell.strip().lstrip("'\t").split())


def _time(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"


def _csv(heading: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(heading)
    writer.writerows(rows)
    return text.getvalue().encode("gb18030")
