"""The platform's side of the year: statements in, settlement runs, payouts out.

The operator drafts, the treasurer approves, the demo bank answers.
"""

from __future__ import annotations

from sqlalchemy import select

from orders.payments import commands as payments
from orders.payments import explaining, matching
from orders.payments.models import BankLine
from orders.payments.open_amounts import open_orders
from orders.payments.states import LineState
from orders.payouts import commands as payouts
from orders.payouts.commands import NothingToPay
from orders.payouts.models import PayoutBatch
from orders.payouts.states import PayoutKind
from orders.purchasing.models import Purchase
from orders.purchasing.states import PurchaseState
from orders.settlements import commands as settlements
from orders.settlements.models import SettlementRun
from products.households import commands as households
from shop.core.money import Money, total
from shop.demo.bank import Bank
from shop.demo.region import BANK, CNAPS, Home, Region, card_number
from shop.demo.story import Story
from shop.organisations import commands as organisations
from shop.organisations.models import Organisation

EVERYBODY = (PayoutKind.HOUSEHOLD, PayoutKind.COOPERATIVE, PayoutKind.CARRIER, PayoutKind.REFUND)

#: Days between settlement runs, and when the last whole round began, counted from today.
_ROUND, _LAST_ROUND = 28, 16

#: In this round the bank takes a day longer over two rows.
_SLOW_ROUND = 3

#: From this round on the bank sends one household's money back after it had paid it.
_RETURNED_ROUND = 4

_FEE = "账户管理费"

#: What a union forgot of its transfer.
_SHORT_BY = Money(10_000)


class Books:
    """What operator and treasurer do."""

    def __init__(self, story: Story, region: Region, bank: Bank) -> None:
        self.story, self.region, self.bank = story, region, bank
        self.operator, self.treasurer = region.person("operator"), region.person("treasurer")
        self.rounds = 0
        self.imports = 0
        self.mended = self.returned = False

    def plan(self) -> None:
        """Put rounds of settling and paying into the plot, and what stands open at the end."""
        story = self.story
        days = (story.today - story.first).days
        for ago in range(_LAST_ROUND, days, _ROUND):
            story.at(story.ago(ago, 10), self._settle)
        for ago in range(days, -1, -1):
            story.at(story.ago(ago, 17, 30), self.take_statement)
        for ago, fen, way in ((75, 1500, "booked"), (2, 2000, "open")):
            story.at(story.ago(ago, 12), self._bank_fee, fen, way)
        story.at(story.ago(6, 13), self._stranger, "赣北机关服务中心", 128_000, "茶叶款")
        story.at(story.ago(2, 13), self._stranger, "示范银行遂川支行", 3_680, "结息")
        story.at(story.ago(5, 13), self._stranger, "遂川县机关印务中心", 64_000, "误汇请退回")
        story.at(story.ago(4, 16), self._send_back, "误汇请退回")
        story.at(story.ago(1, 11), self._too_little)
        story.at(story.ago(4, 9), self._pay_out, (PayoutKind.REFUND,), 2)
        story.at(story.ago(2, 15), self._settle_draft)
        story.at(story.ago(1, 15), self._draft_payout, (PayoutKind.COOPERATIVE,))

    # --- statements -----------------------------------------------------------------------------

    def take_statement(self) -> None:
        """The operator imports what the bank wrote since the last time, if anything."""
        if not self.bank.held:
            return
        content = self.bank.statement()
        name = f"监管账户流水-{self.story.now:%Y%m%d}.csv"
        self.imports += 1
        imported = self._import(name, content)
        if self.imports == 1:
            self.story.do(
                payments.undo_import,
                self.operator,
                statement_id=imported,
                reason="试导时选错了日期，撤销后重导。",
            )
            self._import(name, content)

    def _import(self, name: str, content: bytes) -> str:
        return self.story.do(
            payments.import_statement, self.operator, file_name=name, content=content
        )

    def match_by_hand(self, purchase_id: str) -> None:
        """Money came without a code; the operator finds its purchase by payer and amount."""
        purchase = self.story.tx.execute(
            select(Purchase).where(Purchase.public_id == purchase_id)
        ).scalar_one()
        line = self.story.tx.execute(
            select(BankLine.public_id).where(
                BankLine.state == LineState.SUSPENSE,
                BankLine.amount == purchase.total,
                BankLine.undone.is_(False),
            )
        ).scalar_one()
        self.story.do(
            matching.match_line,
            self.operator,
            line_id=line,
            purchase_id=purchase_id,
            amount=purchase.total,
        )

    def _stranger(self, name: str, fen: int, memo: str) -> None:
        account = f"8350 0000 0000 {fen % 10_000:04d}"
        self.bank.credit(self.story.now, Money(fen), name, account, memo)

    def _send_back(self, memo: str) -> None:
        line, amount = self.story.tx.execute(
            select(BankLine.public_id, BankLine.amount).where(
                BankLine.state == LineState.SUSPENSE, BankLine.memo == memo
            )
        ).one()
        self.story.do(
            matching.send_back,
            self.operator,
            line_id=line,
            amount=amount,
            reason="付款方来电，汇错了账户。",
        )

    def _too_little(self) -> None:
        """A union pays less than it owes; both sides see what is missing."""
        for purchase_id, reference, union in self.story.tx.execute(
            select(Purchase.id, Purchase.reference, Organisation.name)
            .join(Organisation, Organisation.id == Purchase.union_id)
            .where(Purchase.state == PurchaseState.APPROVED)
            .order_by(Purchase.id.desc())
        ).all():
            orders = open_orders(self.story.tx, [purchase_id])[purchase_id]
            due = total([order.open for order in orders])
            if due > _SHORT_BY:
                account = "8350 0000 0000 0101"
                memo = f"慰问品货款 {reference}"
                self.bank.credit(self.story.now, due - _SHORT_BY, union, account, memo)
                return

    def _bank_fee(self, fen: int, way: str) -> None:
        account = "8320 0000 0000 9999"
        self.bank.debit(self.story.now, Money(fen), "示范银行遂川支行", account, _FEE)
        if way == "booked":
            self.story.at(self.story.later(1, 9), self._book_fee)

    def _book_fee(self) -> None:
        line = self.story.tx.execute(
            select(BankLine.public_id).where(
                BankLine.state == LineState.UNEXPLAINED, BankLine.memo == _FEE
            )
        ).scalar_one()
        self.story.do(
            explaining.book_fee, self.operator, line_id=line, reason="季度账户管理费，有银行回单。"
        )

    # --- settling -------------------------------------------------------------------------------

    def _settle(self) -> None:
        run = self._settle_draft()
        if run is None:
            return
        self.rounds += 1
        if self.rounds == 2:
            self.story.do(
                settlements.withdraw_run,
                self.operator,
                run_id=run,
                reason="等当天的流水导入后再试算。",
            )
            self.story.at(self.story.later(1, 9), self._settle)
            return
        self.story.at(self.story.later(0, 16), self._approve_run, run)

    def _settle_draft(self) -> str | None:
        return self.story.attempt(
            settlements.draft_run,
            self.operator,
            unless=settlements.NothingToSettle,
            cooperative_id=None,
        )

    def _approve_run(self, run: str) -> None:
        seen = self.story.tx.execute(
            select(SettlementRun.seen_hash).where(SettlementRun.public_id == run)
        ).scalar_one()
        self.story.do(settlements.approve_run, self.treasurer, run_id=run, seen_hash=seen)
        self.story.at(self.story.later(1, 9), self._pay_out, EVERYBODY, 0)

    # --- paying out -----------------------------------------------------------------------------

    def _draft_payout(self, kinds: tuple[PayoutKind, ...]) -> str | None:
        return self.story.attempt(
            payouts.draft_batch, self.operator, unless=NothingToPay, kinds=kinds
        )

    def _pay_out(self, kinds: tuple[PayoutKind, ...], unanswered: int) -> None:
        batch = self._draft_payout(kinds)
        if batch is None:
            return
        if self.rounds == 1 and not unanswered:
            self.story.do(
                payouts.withdraw_batch,
                self.operator,
                batch_id=batch,
                reason="合作社要求换收款账户，撤回后重编。",
            )
            batch = self.story.do(payouts.draft_batch, self.operator, kinds=kinds)
        self.story.at(self.story.later(0, 15), self._approve_payout, batch, unanswered)

    def _approve_payout(self, batch: str, unanswered: int) -> None:
        seen = self.story.tx.execute(
            select(PayoutBatch.seen_hash).where(PayoutBatch.public_id == batch)
        ).scalar_one()
        self.story.do(payouts.approve_batch, self.treasurer, batch_id=batch, seen_hash=seen)
        self.story.at(self.story.later(1, 9), self._export, batch, unanswered)

    def _export(self, batch: str, unanswered: int) -> None:
        self.story.do(payouts.export_batch, self.operator, batch_id=batch)
        content = self.story.do(payouts.take_file, self.operator, batch_id=batch)
        if not unanswered:
            self.story.at(self.story.later(0, 15), self._answer, batch, content)

    def _answer(self, batch: str, content: bytes) -> None:
        slow = 2 if self.rounds == _SLOW_ROUND else 0
        answer = self.bank.answer(content, self.story.now, slow=slow)
        self.story.at(self.story.later(1, 14), self._finish)
        self.story.do(
            payouts.import_results,
            self.operator,
            batch_id=batch,
            file_name=f"回盘-{self.story.now:%Y%m%d}.csv",
            content=answer,
        )
        homes = [h for row in self.region.homes.values() for h in row if h.plan.card == "mended"]
        if not self.mended and any(h.plan.name in content.decode("gb18030") for h in homes):
            self.mended = True
            for place, home in enumerate(homes):
                self.story.at(self.story.later(6, 11), self._mend_card, home, 900 + place)
        if self.rounds >= _RETURNED_ROUND and not self.returned:
            self._let_one_come_back(content)

    def _let_one_come_back(self, content: bytes) -> None:
        """A household has closed its account since; it brings another card and is paid again."""
        names = content.decode("gb18030")
        for home in self.region.homes["SCTH"][1:]:
            if home.plan.card == "good" and home.plan.name in names:
                self.returned = True
                self.story.at(self.story.later(3, 11), self._come_back, content, home.plan.name)
                self.story.at(self.story.later(8, 11), self._mend_card, home, 950)
                return

    def _come_back(self, content: bytes, payee: str) -> None:
        self.bank.send_back(content, payee, self.story.now)

    def _finish(self) -> None:
        self.bank.finish(self.story.now)

    def _mend_card(self, home: Home, place: int) -> None:
        """The household brings its right card; what was sent back is paid with the next round."""
        manager = self.region.managers[home.plan.cooperative]
        number = card_number(place, True)
        change = self.story.do(
            households.propose_household_account,
            manager,
            household_id=home.id,
            holder=home.plan.name,
            number=number,
            bank=BANK,
            cnaps=CNAPS,
            reason="银行退回，户主换了卡",
        )
        self.story.do(
            organisations.confirm_account, self.treasurer, change_id=change, last4=number[-4:]
        )
