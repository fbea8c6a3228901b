"""First tables.

Revision 0001, after ; 2026-11-23.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from shop.core import triggers

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


APPEND_ONLY = (
    "agreed_days",
    "audit_entry",
    "budget_move",
    "cancellation",
    "cancellation_line",
    "checkpoint",
    "cosignature",
    "due_payment",
    "epcis_capture",
    "event",
    "interest_payment",
    "ledger_journal",
    "ledger_transfer",
    "ledger_voucher",
    "log_tile",
    "lot_input",
    "lot_loss",
    "lot_share",
    "lot_step",
    "mass_rule",
    "payment_answer",
    "payment_reminder",
    "payment_reminder_line",
    "payment_reminder_sending",
    "process_step",
    "recall_entry",
    "receivable_term",
    "sealed_event",
    "settlement_item",
    "share_correction",
    "unit_loss",
)

#: The bank layouts a new shop begins with.
BANK_LAYOUTS = [
    {
        "public_id": "layout_shipped000000001",
        "state": "active",
        "version": 1,
        "name": "示范银行 网银流水",
        "bank": "示范银行",
        "way": "direction",
        "columns": '{"time": "交易时间", "direction": "收支方向", "amount": "金额", "balance": "余额", "name": "对方户名", "account": "对方账号", "memo": "附言", "serial": "流水号"}',
        "format": None,
        "encoding": "auto",
        "delimiter": ",",
        "skip": 0,
        "skip_after": 0,
        "words_in": "收入 贷",
        "words_out": "支出 借",
        "newest_first": False,
        "others": False,
        "added_at": datetime(2026, 11, 25, tzinfo=UTC),
    },
    {
        "public_id": "layout_shipped000000002",
        "state": "active",
        "version": 1,
        "name": "青山银行 对公明细",
        "bank": "青山银行",
        "way": "sides",
        "columns": '{"date": "交易日期", "clock": "交易时刻", "debit": "借方发生额", "credit": "贷方发生额", "balance": "账户余额", "name": "对方单位", "account": "对方账号", "memo": "摘要+用途", "serial": "交易流水号"}',
        "format": None,
        "encoding": "gb18030",
        "delimiter": ",",
        "skip": 2,
        "skip_after": 0,
        "words_in": "",
        "words_out": "",
        "newest_first": True,
        "others": True,
        "added_at": datetime(2026, 11, 25, tzinfo=UTC),
    },
    {
        "public_id": "layout_shipped000000003",
        "state": "active",
        "version": 1,
        "name": "云岭银行 活期明细",
        "bank": "云岭银行",
        "way": "signed",
        "columns": '{"time": "记账时间", "amount": "发生额", "balance": "本次余额", "name": "对方名称", "account": "对方账户", "memo": "备注", "serial": "明细编号"}',
        "format": None,
        "encoding": "utf-8",
        "delimiter": "\t",
        "skip": 0,
        "skip_after": 0,
        "words_in": "",
        "words_out": "",
        "newest_first": False,
        "others": True,
        "added_at": datetime(2026, 11, 25, tzinfo=UTC),
    },
    {
        "public_id": "layout_shipped000000004",
        "state": "active",
        "version": 1,
        "name": "稻田银行 账户明细",
        "bank": "稻田银行",
        "way": "direction",
        "columns": '{"date": "交易日", "clock": "交易时间", "direction": "借贷标志", "amount": "交易金额", "balance": "余额", "name": "对手名称", "account": "对手账号", "memo": "交易附言", "serial": "传票号"}',
        "format": None,
        "encoding": "auto",
        "delimiter": ",",
        "skip": 1,
        "skip_after": 1,
        "words_in": "贷 贷方 C",
        "words_out": "借 借方 D",
        "newest_first": False,
        "others": True,
        "added_at": datetime(2026, 11, 25, tzinfo=UTC),
    },
]


def upgrade() -> None:
    op.create_table(
        "app_user",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("session_version", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_user")),
        sa.UniqueConstraint("email", name=op.f("uq_app_user_email")),
        sa.UniqueConstraint("public_id", name=op.f("uq_app_user_public_id")),
    )
    op.create_table(
        "calendar_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "holiday",
                "working",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "confirmed",
                "declined",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_at IS NULL)", name=op.f("ck_calendar_change_decided")
        ),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_calendar_change_in_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_change")),
        sa.UniqueConstraint("public_id", name=op.f("uq_calendar_change_public_id")),
    )
    op.create_table(
        "certificate_rule",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "category",
            sa.Enum(
                "tea",
                "fruit",
                "oil",
                "grain",
                "poultry",
                "dry",
                "food",
                name="category",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("demanded", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_rule")),
        sa.UniqueConstraint(
            "category", "from_day", name=op.f("uq_certificate_rule_category_from_day")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_certificate_rule_public_id")),
    )
    op.create_table(
        "chart_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "custody",
                "provider_receivable",
                "buyer_receivable",
                "due_from_cooperative",
                "bank_fee",
                "escrow",
                "suspense",
                "lot_pool",
                "household_payable",
                "cooperative_payable",
                "carrier_payable",
                "payout_in_transit",
                "refund_in_transit",
                "risk_reserve",
                "platform_fee",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chart_entry")),
        sa.UniqueConstraint("code", name=op.f("uq_chart_entry_code")),
        sa.UniqueConstraint("kind", name=op.f("uq_chart_entry_kind")),
    )
    op.create_table(
        "checkpoint",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_checkpoint_size_is_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkpoint")),
        sa.UniqueConstraint("size", name=op.f("uq_checkpoint_size")),
    )
    with op.batch_alter_table("checkpoint", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_checkpoint_at"), ["at"], unique=False)

    op.create_table(
        "cosigner",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("vkey", sa.String(length=256), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cosigner")),
        sa.UniqueConstraint("public_id", name=op.f("uq_cosigner_public_id")),
        sa.UniqueConstraint("vkey", name=op.f("uq_cosigner_vkey")),
    )
    op.create_table(
        "county",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("name_en", sa.String(length=32), nullable=False),
        sa.Column("province", sa.String(length=16), nullable=False),
        sa.Column("grid_column", sa.BigInteger(), nullable=False),
        sa.Column("grid_row", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_county")),
        sa.UniqueConstraint("code", name=op.f("uq_county_code")),
        sa.UniqueConstraint("grid_column", "grid_row", name=op.f("uq_county_grid_column_grid_row")),
        sa.UniqueConstraint("name", name=op.f("uq_county_name")),
    )
    op.create_table(
        "failed_try",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("door", sa.String(length=255), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failed_try")),
    )
    with op.batch_alter_table("failed_try", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_failed_try_door"), ["door"], unique=False)

    op.create_table(
        "ledger_account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "custody",
                "provider_receivable",
                "buyer_receivable",
                "due_from_cooperative",
                "bank_fee",
                "escrow",
                "suspense",
                "lot_pool",
                "household_payable",
                "cooperative_payable",
                "carrier_payable",
                "payout_in_transit",
                "refund_in_transit",
                "risk_reserve",
                "platform_fee",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_account")),
        sa.UniqueConstraint("kind", "owner_id", name=op.f("uq_ledger_account_kind_owner_id")),
    )
    op.create_table(
        "log_tile",
        sa.Column("level", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hashes", sa.LargeBinary(length=8192), nullable=False),
        sa.Column("top", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("level", "number", name=op.f("pk_log_tile")),
    )
    op.create_table(
        "lot_share",
        sa.Column("lot_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("household_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("milligrams", sa.BigInteger(), nullable=False),
        sa.Column("value_fen", sa.BigInteger(), nullable=False),
        sa.Column("paid_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "milligrams >= 0 AND value_fen >= 0 AND paid_fen >= 0",
            name=op.f("ck_lot_share_not_negative"),
        ),
        sa.PrimaryKeyConstraint("lot_id", "version", "household_id", name=op.f("pk_lot_share")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "mass_rule",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "category",
            sa.Enum(
                "tea",
                "fruit",
                "oil",
                "grain",
                "poultry",
                "dry",
                "food",
                name="category",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("goods", sa.String(length=64), nullable=False),
        sa.Column("grade", sa.String(length=32), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("ratio_low", sa.BigInteger(), nullable=True),
        sa.Column("ratio_high", sa.BigInteger(), nullable=True),
        sa.Column("most_grams_per_mu", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(ratio_low IS NULL) = (ratio_high IS NULL) AND (ratio_low IS NULL OR (ratio_low > 0 AND ratio_low <= ratio_high))",
            name=op.f("ck_mass_rule_window_is_one"),
        ),
        sa.CheckConstraint(
            "most_grams_per_mu IS NULL OR most_grams_per_mu > 0",
            name=op.f("ck_mass_rule_cap_above_zero"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mass_rule")),
        sa.UniqueConstraint(
            "category",
            "goods",
            "grade",
            "from_day",
            name=op.f("uq_mass_rule_category_goods_grade_from_day"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_mass_rule_public_id")),
    )
    op.create_table(
        "number_series",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("series", sa.String(length=64), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_series")),
        sa.UniqueConstraint("series", "year", name=op.f("uq_number_series_series_year")),
    )
    op.create_table(
        "once_key",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("actor_key", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("command", sa.String(length=128), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_once_key")),
        sa.UniqueConstraint("actor_key", "key", name=op.f("uq_once_key_actor_key_key")),
    )
    op.create_table(
        "payee_account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "payee_kind",
            sa.Enum(
                "household",
                "organisation",
                "refund",
                name="payee_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("payee_id", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("number_sealed", sa.String(), nullable=False),
        sa.Column("number_last4", sa.String(length=4), nullable=False),
        sa.Column("number_fingerprint", sa.String(length=64), nullable=False),
        sa.Column("bank", sa.String(length=64), nullable=False),
        sa.Column("cnaps", sa.String(length=12), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "active",
                "refused",
                "replaced",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(number_last4) = 4", name=op.f("ck_payee_account_last_four")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payee_account")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payee_account_public_id")),
    )
    with op.batch_alter_table("payee_account", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_payee_account_number_fingerprint"), ["number_fingerprint"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_payee_account_payee_id"), ["payee_id"], unique=False)
        batch_op.create_index(
            "uq_payee_account_current",
            ["payee_kind", "payee_id"],
            unique=True,
            sqlite_where=sa.text("state <> 'replaced'"),
            postgresql_where=sa.text("state <> 'replaced'"),
        )

    op.create_table(
        "payout_batch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "approved",
                "exported",
                "closed",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("exported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("items", sa.BigInteger(), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("seen_hash", sa.String(length=64), nullable=False),
        sa.Column("layout", sa.String(length=32), nullable=True),
        sa.Column("phrase_sealed", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_batch")),
        sa.UniqueConstraint("number", name=op.f("uq_payout_batch_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payout_batch_public_id")),
    )
    op.create_table(
        "public_figure",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_figure")),
        sa.UniqueConstraint("month", name=op.f("uq_public_figure_month")),
    )
    op.create_table(
        "recall",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("drill", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "closed",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "scope",
            sa.Enum(
                "lot",
                "delivery",
                "test",
                "household",
                "village",
                "harvest",
                "packed",
                "codes",
                name="scope",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("began_with", sa.String(), nullable=False),
        sa.Column(
            "reason_kind",
            sa.Enum(
                "safety",
                "test",
                "label",
                "quality",
                "source",
                "other",
                name="reason_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("advice", sa.String(), nullable=False),
        sa.Column("households", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("elapsed_ms", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ending", sa.String(), nullable=False),
        sa.CheckConstraint(
            "elapsed_ms IS NULL OR drill", name=op.f("ck_recall_only_drills_are_timed")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall")),
        sa.UniqueConstraint("number", name=op.f("uq_recall_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_recall_public_id")),
    )
    with op.batch_alter_table("recall", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recall_state"), ["state"], unique=False)

    op.create_table(
        "settlement_item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=False),
        sa.Column("household_id", sa.BigInteger(), nullable=False),
        sa.Column("share_version", sa.BigInteger(), nullable=False),
        sa.Column("share_fen", sa.BigInteger(), nullable=False),
        sa.Column("change_fen", sa.BigInteger(), nullable=False),
        sa.Column("set_off_fen", sa.BigInteger(), nullable=False),
        sa.Column("second_payment_fen", sa.BigInteger(), nullable=False),
        sa.Column("recovered_fen", sa.BigInteger(), nullable=False),
        sa.Column("covered_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "change_fen = set_off_fen + second_payment_fen + recovered_fen - covered_fen",
            name=op.f("ck_settlement_item_adds_up"),
        ),
        sa.CheckConstraint(
            "recovered_fen >= 0 AND covered_fen >= 0",
            name=op.f("ck_settlement_item_covered_not_negative"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_item")),
        sa.UniqueConstraint(
            "lot_id",
            "household_id",
            "run_id",
            name=op.f("uq_settlement_item_lot_id_household_id_run_id"),
        ),
    )
    with op.batch_alter_table("settlement_item", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_settlement_item_household_id"), ["household_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_settlement_item_run_id"), ["run_id"], unique=False)

    op.create_table(
        "account_file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column(
            "report",
            sa.Enum(
                "trial",
                "balances",
                "journal",
                "accounts",
                "vouchers",
                name="report",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "ending",
            sa.Enum(
                "csv", "xlsx", name="ending", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column(
            "asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("pieces", sa.BigInteger(), nullable=False),
        sa.Column("sums", sa.String(), nullable=False),
        sa.Column("ready", sa.Boolean(), nullable=False),
        sa.Column("job", sa.String(length=32), nullable=True),
        sa.CheckConstraint("lines >= 0 AND pieces >= 0", name=op.f("ck_account_file_counted")),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["app_user.id"], name=op.f("fk_account_file_asked_by_id_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_file")),
        sa.UniqueConstraint("public_id", name=op.f("uq_account_file_public_id")),
    )
    with op.batch_alter_table("account_file", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_account_file_expires_at"), ["expires_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_account_file_month"), ["month"], unique=False)

    op.create_table(
        "bank_layout",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "active",
                "retired",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("bank", sa.String(length=64), nullable=False),
        sa.Column(
            "way",
            sa.Enum(
                "direction",
                "signed",
                "sides",
                name="way",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("columns", sa.String(), nullable=False),
        sa.Column(
            "format",
            sa.Enum(
                "csv",
                "xlsx",
                "mt940",
                "camt",
                name="format",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "encoding",
            sa.Enum(
                "auto",
                "utf-8",
                "gb18030",
                name="encoding",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("delimiter", sa.String(length=1), nullable=False),
        sa.Column("skip", sa.BigInteger(), nullable=False),
        sa.Column("skip_after", sa.BigInteger(), nullable=False),
        sa.Column("words_in", sa.String(length=64), nullable=False),
        sa.Column("words_out", sa.String(length=64), nullable=False),
        sa.Column("newest_first", sa.Boolean(), nullable=False),
        sa.Column("others", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "added_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.CheckConstraint(
            "skip >= 0 AND skip_after >= 0 AND version > 0", name=op.f("ck_bank_layout_counts")
        ),
        sa.ForeignKeyConstraint(
            ["added_by_id"], ["app_user.id"], name=op.f("fk_bank_layout_added_by_id_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_layout")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_bank_layout_name_version")),
        sa.UniqueConstraint("public_id", name=op.f("uq_bank_layout_public_id")),
    )
    with op.batch_alter_table("bank_layout", schema=None) as batch_op:
        batch_op.create_index(
            "uq_bank_layout_active_name",
            ["name"],
            unique=True,
            sqlite_where=sa.text("state = 'active'"),
            postgresql_where=sa.text("state = 'active'"),
        )

    op.create_table(
        "books_check",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "cause",
            sa.Enum(
                "asked",
                "nightly",
                "closing",
                name="cause",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("night", sa.Date(), nullable=True),
        sa.Column("month", sa.String(length=7), nullable=True),
        sa.Column(
            "asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("journal_id", sa.BigInteger(), nullable=False),
        sa.Column("checks", sa.BigInteger(), nullable=False),
        sa.Column("milliseconds", sa.BigInteger(), nullable=False),
        sa.Column("findings", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.String(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(month IS NOT NULL) = (cause = 'closing')",
            name=op.f("ck_books_check_closing_has_its_month"),
        ),
        sa.CheckConstraint(
            "(night IS NOT NULL) = (cause = 'nightly')",
            name=op.f("ck_books_check_nightly_has_its_day"),
        ),
        sa.CheckConstraint("checks >= 0 AND findings >= 0", name=op.f("ck_books_check_counted")),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["app_user.id"], name=op.f("fk_books_check_asked_by_id_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_books_check")),
        sa.UniqueConstraint("night", name=op.f("uq_books_check_night")),
        sa.UniqueConstraint("public_id", name=op.f("uq_books_check_public_id")),
    )
    op.create_table(
        "cosignature",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "checkpoint_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "cosigner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["checkpoint_id"],
            ["checkpoint.id"],
            name=op.f("fk_cosignature_checkpoint_id_checkpoint"),
        ),
        sa.ForeignKeyConstraint(
            ["cosigner_id"], ["cosigner.id"], name=op.f("fk_cosignature_cosigner_id_cosigner")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cosignature")),
        sa.UniqueConstraint(
            "checkpoint_id", "cosigner_id", name=op.f("uq_cosignature_checkpoint_id_cosigner_id")
        ),
    )
    with op.batch_alter_table("cosignature", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_cosignature_cosigner_id"), ["cosigner_id"], unique=False
        )

    op.create_table(
        "ledger_journal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("transaction_mark", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "bank_credit",
                "bank_credit_matched",
                "bank_fee",
                "acceptance",
                "shortage_refund",
                "cancellation_refund",
                "suspense_refund",
                "return",
                "settlement",
                "payout_approved",
                "payout_confirmed",
                "payout_failed",
                "payout_returned",
                "refund_left",
                "interest_paid",
                "due_paid",
                "reversal",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("event_key", sa.String(length=128), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("about", sa.String(length=64), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "posted_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "reverses_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("corrects_month", sa.String(length=7), nullable=True),
        sa.Column("transfer_count", sa.BigInteger(), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "transfer_count > 0 AND total_fen > 0", name=op.f("ck_ledger_journal_not_empty")
        ),
        sa.ForeignKeyConstraint(
            ["posted_by_id"], ["app_user.id"], name=op.f("fk_ledger_journal_posted_by_id_app_user")
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"],
            ["ledger_journal.id"],
            name=op.f("fk_ledger_journal_reverses_id_ledger_journal"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_journal")),
        sa.UniqueConstraint("event_key", name=op.f("uq_ledger_journal_event_key")),
        sa.UniqueConstraint(
            "id", "transaction_mark", name=op.f("uq_ledger_journal_id_transaction_mark")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_ledger_journal_public_id")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_ledger_journal_reverses_id")),
    )
    with op.batch_alter_table("ledger_journal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledger_journal_about"), ["about"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_ledger_journal_effective_at"), ["effective_at"], unique=False
        )

    op.create_table(
        "ledger_month",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "proposed",
                "closed",
                "reopening",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "closed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "confirmed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "reopen_asked_by_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("job", sa.String(length=32), nullable=True),
        sa.CheckConstraint(
            "state NOT IN ('closed', 'reopening') OR (closed_by_id IS NOT NULL AND confirmed_by_id IS NOT NULL AND closed_by_id <> confirmed_by_id)",
            name=op.f("ck_ledger_month_two_people"),
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_ledger_month_has_days")),
        sa.ForeignKeyConstraint(
            ["closed_by_id"], ["app_user.id"], name=op.f("fk_ledger_month_closed_by_id_app_user")
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"],
            ["app_user.id"],
            name=op.f("fk_ledger_month_confirmed_by_id_app_user"),
        ),
        sa.ForeignKeyConstraint(
            ["reopen_asked_by_id"],
            ["app_user.id"],
            name=op.f("fk_ledger_month_reopen_asked_by_id_app_user"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_month")),
        sa.UniqueConstraint("month", name=op.f("uq_ledger_month_month")),
        sa.UniqueConstraint("public_id", name=op.f("uq_ledger_month_public_id")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "platform",
                "union",
                "cooperative",
                "carrier",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("name_en", sa.String(length=96), nullable=False),
        sa.Column("county_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("credit_code", sa.String(length=18), nullable=False),
        sa.Column("address", sa.String(length=128), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("contact", sa.String(length=32), nullable=False),
        sa.Column("member_count", sa.BigInteger(), nullable=False),
        sa.Column("story", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county_id"], ["county.id"], name=op.f("fk_organisation_county_id_county")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["organisation.id"], name=op.f("fk_organisation_parent_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("code", name=op.f("uq_organisation_code")),
        sa.UniqueConstraint("name", name=op.f("uq_organisation_name")),
        sa.UniqueConstraint("public_id", name=op.f("uq_organisation_public_id")),
    )
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organisation_county_id"), ["county_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_organisation_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "payment_rule",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "in_force",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.Column("longest_days", sa.BigInteger(), nullable=False),
        sa.Column("rate", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "proposed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "approved_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("remind_before_days", sa.BigInteger(), nullable=False),
        sa.Column("remind_every_days", sa.BigInteger(), nullable=False),
        sa.Column("second_after_days", sa.BigInteger(), nullable=False),
        sa.Column("last_after_days", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "days > 0 AND days <= longest_days", name=op.f("ck_payment_rule_days_within")
        ),
        sa.CheckConstraint(
            "rate >= 0 AND rate <= 100", name=op.f("ck_payment_rule_rate_is_a_rate")
        ),
        sa.CheckConstraint(
            "remind_before_days > 0 AND remind_every_days > 0 AND second_after_days > 0 AND second_after_days < last_after_days",
            name=op.f("ck_payment_rule_reminds"),
        ),
        sa.ForeignKeyConstraint(
            ["approved_by_id"],
            ["app_user.id"],
            name=op.f("fk_payment_rule_approved_by_id_app_user"),
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"],
            ["app_user.id"],
            name=op.f("fk_payment_rule_proposed_by_id_app_user"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_rule")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payment_rule_public_id")),
    )
    with op.batch_alter_table("payment_rule", schema=None) as batch_op:
        batch_op.create_index(
            "uq_payment_rule_day",
            ["from_day"],
            unique=True,
            sqlite_where=sa.text("state <> 'withdrawn'"),
            postgresql_where=sa.text("state <> 'withdrawn'"),
        )

    op.create_table(
        "payout_file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("part", sa.BigInteger(), nullable=False),
        sa.Column("file_name", sa.String(length=128), nullable=False),
        sa.Column("first_position", sa.BigInteger(), nullable=False),
        sa.Column("items", sa.BigInteger(), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "part > 0 AND items > 0 AND first_position > 0", name=op.f("ck_payout_file_some")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["payout_batch.id"], name=op.f("fk_payout_file_batch_id_payout_batch")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_file")),
        sa.UniqueConstraint("batch_id", "part", name=op.f("uq_payout_file_batch_id_part")),
    )
    op.create_table(
        "reconciliation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "signed",
                "confirmed",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("ledger_fen", sa.BigInteger(), nullable=False),
        sa.Column("bank_fen", sa.BigInteger(), nullable=False),
        sa.Column("explained_fen", sa.BigInteger(), nullable=False),
        sa.Column("sheet", sa.String(), nullable=False),
        sa.Column("seen_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "signed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "confirmed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state <> 'confirmed' OR confirmed_by_id IS NOT NULL",
            name=op.f("ck_reconciliation_confirmed_by_somebody"),
        ),
        sa.CheckConstraint(
            "ledger_fen - bank_fen = explained_fen", name=op.f("ck_reconciliation_rest_is_zero")
        ),
        sa.CheckConstraint(
            "signed_by_id <> confirmed_by_id", name=op.f("ck_reconciliation_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"],
            ["app_user.id"],
            name=op.f("fk_reconciliation_confirmed_by_id_app_user"),
        ),
        sa.ForeignKeyConstraint(
            ["signed_by_id"], ["app_user.id"], name=op.f("fk_reconciliation_signed_by_id_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation")),
        sa.UniqueConstraint("public_id", name=op.f("uq_reconciliation_public_id")),
    )
    with op.batch_alter_table("reconciliation", schema=None) as batch_op:
        batch_op.create_index(
            "uq_reconciliation_day",
            ["day"],
            unique=True,
            sqlite_where=sa.text("state <> 'withdrawn'"),
            postgresql_where=sa.text("state <> 'withdrawn'"),
        )

    op.create_table(
        "result_file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("file_name", sa.String(length=128), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("unknown", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["payout_batch.id"], name=op.f("fk_result_file_batch_id_payout_batch")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_file")),
        sa.UniqueConstraint("file_hash", name=op.f("uq_result_file_file_hash")),
        sa.UniqueConstraint("public_id", name=op.f("uq_result_file_public_id")),
    )
    op.create_table(
        "sign_in_link",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_sign_in_link_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_link_token_hash")),
    )
    with op.batch_alter_table("sign_in_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_link_user_id"), ["user_id"], unique=False)

    op.create_table(
        "village",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "county_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("township", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("name_en", sa.String(length=64), nullable=False),
        sa.Column("altitude_m", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["county_id"], ["county.id"], name=op.f("fk_village_county_id_county")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_village")),
        sa.UniqueConstraint(
            "county_id", "township", "name", name=op.f("uq_village_county_id_township_name")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_village_public_id")),
    )
    op.create_table(
        "account_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "payee_kind",
            sa.Enum(
                "household",
                "organisation",
                "refund",
                name="payee_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("payee_id", sa.BigInteger(), nullable=False),
        sa.Column("payee_name", sa.String(length=64), nullable=False),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "replaces_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "confirmed",
                "declined",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("number_sealed", sa.String(), nullable=False),
        sa.Column("number_last4", sa.String(length=4), nullable=False),
        sa.Column("bank", sa.String(length=64), nullable=False),
        sa.Column("cnaps", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("proposed_by", sa.String(length=64), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'confirmed') = (account_id IS NOT NULL)",
            name=op.f("ck_account_change_confirmed"),
        ),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_at IS NULL)", name=op.f("ck_account_change_decided")
        ),
        sa.CheckConstraint(
            "(state = 'proposed') = (number_sealed <> '')",
            name=op.f("ck_account_change_sealed_while_open"),
        ),
        sa.CheckConstraint("length(number_last4) = 4", name=op.f("ck_account_change_last_four")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["payee_account.id"],
            name=op.f("fk_account_change_account_id_payee_account"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_account_change_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"],
            ["payee_account.id"],
            name=op.f("fk_account_change_replaces_id_payee_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_change")),
        sa.UniqueConstraint("public_id", name=op.f("uq_account_change_public_id")),
    )
    with op.batch_alter_table("account_change", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_account_change_organisation_id"), ["organisation_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_account_change_payee_id"), ["payee_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_account_change_state"), ["state"], unique=False)
        batch_op.create_index(
            "uq_account_change_waiting",
            ["payee_kind", "payee_id"],
            unique=True,
            sqlite_where=sa.text("state = 'proposed'"),
            postgresql_where=sa.text("state = 'proposed'"),
        )

    op.create_table(
        "account_file_line",
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("transfer_id", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("before_fen", sa.BigInteger(), nullable=False),
        sa.Column("debit_fen", sa.BigInteger(), nullable=False),
        sa.Column("credit_fen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["account_file.id"], name=op.f("fk_account_file_line_file_id_account_file")
        ),
        sa.PrimaryKeyConstraint("file_id", "n", name=op.f("pk_account_file_line")),
    )
    op.create_table(
        "account_file_piece",
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"],
            ["account_file.id"],
            name=op.f("fk_account_file_piece_file_id_account_file"),
        ),
        sa.PrimaryKeyConstraint("file_id", "position", name=op.f("pk_account_file_piece")),
    )
    op.create_table(
        "api_key",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("start", sa.String(length=16), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("issued_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["issued_by"], ["app_user.id"], name=op.f("fk_api_key_issued_by_app_user")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_api_key_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_key_key_hash")),
        sa.UniqueConstraint("public_id", name=op.f("uq_api_key_public_id")),
    )
    with op.batch_alter_table("api_key", schema=None) as batch_op:
        batch_op.create_index(
            "uq_api_key_name",
            ["organisation_id", "name"],
            unique=True,
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        )

    op.create_table(
        "audit_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_key", sa.String(length=64), nullable=False),
        sa.Column("actor_name", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("thing", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("from_state", sa.String(length=32), nullable=True),
        sa.Column("to_state", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("facts", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_audit_entry_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_audit_entry_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_entry_at"), ["at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_audit_entry_organisation_id"), ["organisation_id"], unique=False
        )
        batch_op.create_index("ix_audit_entry_thing_action", ["thing", "action"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_entry_user_id"), ["user_id"], unique=False)

    op.create_table(
        "bank_statement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "imported",
                "undone",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("file_name", sa.String(length=128), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "format",
            sa.Enum(
                "csv",
                "xlsx",
                "mt940",
                "camt",
                name="format",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("layout_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("repeats", sa.BigInteger(), nullable=False),
        sa.Column("pending", sa.BigInteger(), nullable=False),
        sa.Column("reckoned", sa.Boolean(), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opening_fen", sa.BigInteger(), nullable=False),
        sa.Column("credits_fen", sa.BigInteger(), nullable=False),
        sa.Column("debits_fen", sa.BigInteger(), nullable=False),
        sa.Column("closing_fen", sa.BigInteger(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "imported_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.CheckConstraint(
            "opening_fen + credits_fen - debits_fen = closing_fen",
            name=op.f("ck_bank_statement_balances_close"),
        ),
        sa.ForeignKeyConstraint(
            ["imported_by_id"],
            ["app_user.id"],
            name=op.f("fk_bank_statement_imported_by_id_app_user"),
        ),
        sa.ForeignKeyConstraint(
            ["layout_id"], ["bank_layout.id"], name=op.f("fk_bank_statement_layout_id_bank_layout")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_statement")),
        sa.UniqueConstraint("public_id", name=op.f("uq_bank_statement_public_id")),
    )
    with op.batch_alter_table("bank_statement", schema=None) as batch_op:
        batch_op.create_index(
            "uq_bank_statement_file",
            ["file_hash"],
            unique=True,
            sqlite_where=sa.text("state = 'imported'"),
            postgresql_where=sa.text("state = 'imported'"),
        )

    op.create_table(
        "bank_upload",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("file_name", sa.String(length=128), nullable=False),
        sa.Column("layout_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("opening_fen", sa.BigInteger(), nullable=True),
        sa.Column("closing_fen", sa.BigInteger(), nullable=True),
        sa.Column("large", sa.Boolean(), nullable=False),
        sa.Column("content_sealed", sa.String(), nullable=False),
        sa.Column("preview_sealed", sa.String(), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(looked_at IS NULL) = (preview_sealed IS NULL)",
            name=op.f("ck_bank_upload_previewed_at_a_time"),
        ),
        sa.CheckConstraint(
            "(opening_fen IS NULL) = (closing_fen IS NULL)",
            name=op.f("ck_bank_upload_both_balances"),
        ),
        sa.ForeignKeyConstraint(
            ["layout_id"], ["bank_layout.id"], name=op.f("fk_bank_upload_layout_id_bank_layout")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_upload")),
        sa.UniqueConstraint("public_id", name=op.f("uq_bank_upload_public_id")),
    )
    with op.batch_alter_table("bank_upload", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_bank_upload_uploaded_at"), ["uploaded_at"], unique=False
        )

    op.create_table(
        "budget",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("union_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(length=64), nullable=False),
        sa.Column("approved_fen", sa.BigInteger(), nullable=False),
        sa.Column("reserved_fen", sa.BigInteger(), nullable=False),
        sa.Column("committed_fen", sa.BigInteger(), nullable=False),
        sa.Column("spent_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "reserved_fen >= 0 AND committed_fen >= 0 AND spent_fen >= 0 AND reserved_fen + committed_fen + spent_fen <= approved_fen",
            name=op.f("ck_budget_not_over_spent"),
        ),
        sa.ForeignKeyConstraint(
            ["union_id"], ["organisation.id"], name=op.f("fk_budget_union_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget")),
        sa.UniqueConstraint("public_id", name=op.f("uq_budget_public_id")),
        sa.UniqueConstraint(
            "union_id", "year", "purpose", name=op.f("uq_budget_union_id_year_purpose")
        ),
    )
    op.create_table(
        "code_batch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "cooperative_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "unit", "box", name="kind", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("seed_sealed", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "made >= 0 AND made <= count", name=op.f("ck_code_batch_made_within_count")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["organisation.id"],
            name=op.f("fk_code_batch_cooperative_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_batch")),
        sa.UniqueConstraint("public_id", name=op.f("uq_code_batch_public_id")),
    )
    with op.batch_alter_table("code_batch", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_code_batch_cooperative_id"), ["cooperative_id"], unique=False
        )

    op.create_table(
        "epcis_capture",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("actor_key", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=True),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.Column("new_events", sa.BigInteger(), nullable=False),
        sa.Column("faults", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_epcis_capture_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_epcis_capture")),
        sa.UniqueConstraint("public_id", name=op.f("uq_epcis_capture_public_id")),
    )
    with op.batch_alter_table("epcis_capture", schema=None) as batch_op:
        batch_op.create_index(
            "ix_epcis_capture_organisation_id_id", ["organisation_id", "id"], unique=False
        )

    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("thing", sa.String(length=64), nullable=False),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("facts", sa.String(), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_event_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("public_id", name=op.f("uq_event_public_id")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_at"), ["at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_event_organisation_id"), ["organisation_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_event_thing"), ["thing"], unique=False)

    op.create_table(
        "freight_table",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "cooperative_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "waiting",
                "approved",
                "returned",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "drafted_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'returned') OR decided_at IS NOT NULL",
            name=op.f("ck_freight_table_decided"),
        ),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR drafted_by_id IS NULL OR decided_by_id <> drafted_by_id",
            name=op.f("ck_freight_table_two_people"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["organisation.id"],
            name=op.f("fk_freight_table_cooperative_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["app_user.id"], name=op.f("fk_freight_table_decided_by_id_app_user")
        ),
        sa.ForeignKeyConstraint(
            ["drafted_by_id"], ["app_user.id"], name=op.f("fk_freight_table_drafted_by_id_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_freight_table")),
        sa.UniqueConstraint("public_id", name=op.f("uq_freight_table_public_id")),
    )
    with op.batch_alter_table("freight_table", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_freight_table_cooperative_id"), ["cooperative_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_freight_table_state"), ["state"], unique=False)
        batch_op.create_index(
            "uq_freight_table_day",
            ["cooperative_id", "from_day"],
            unique=True,
            sqlite_where=sa.text("state IN ('waiting', 'approved')"),
            postgresql_where=sa.text("state IN ('waiting', 'approved')"),
        )

    op.create_table(
        "household",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "cooperative_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "village_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("identity_sealed", sa.String(), nullable=True),
        sa.Column("identity_fingerprint", sa.String(length=64), nullable=True),
        sa.Column("phone_sealed", sa.String(), nullable=True),
        sa.Column("code", sa.String(length=9), nullable=False),
        sa.Column("pin_hash", sa.String(length=255), nullable=False),
        sa.Column("pin_version", sa.BigInteger(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["organisation.id"],
            name=op.f("fk_household_cooperative_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["village_id"], ["village.id"], name=op.f("fk_household_village_id_village")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household")),
        sa.UniqueConstraint("code", name=op.f("uq_household_code")),
        sa.UniqueConstraint(
            "cooperative_id",
            "identity_fingerprint",
            name=op.f("uq_household_cooperative_id_identity_fingerprint"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_household_public_id")),
    )
    with op.batch_alter_table("household", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_household_village_id"), ["village_id"], unique=False)

    op.create_table(
        "job",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "running",
                "done",
                "failed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("arguments", sa.String(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("trouble", sa.String(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("done >= 0 AND done <= total", name=op.f("ck_job_done_within_total")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_job_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_job_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("public_id", name=op.f("uq_job_public_id")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index("ix_job_state_leased_until", ["state", "leased_until"], unique=False)
        batch_op.create_index(batch_op.f("ix_job_user_id"), ["user_id"], unique=False)

    op.create_table(
        "ledger_transfer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("journal_id", sa.BigInteger(), nullable=False),
        sa.Column("transaction_mark", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("debit_id", sa.BigInteger(), nullable=False),
        sa.Column("credit_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_ledger_transfer_amount_is_positive")),
        sa.CheckConstraint(
            "debit_id <> credit_id", name=op.f("ck_ledger_transfer_accounts_differ")
        ),
        sa.ForeignKeyConstraint(
            ["journal_id", "transaction_mark"],
            ["ledger_journal.id", "ledger_journal.transaction_mark"],
            name="fk_ledger_transfer_journal",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_transfer")),
        sa.UniqueConstraint(
            "journal_id", "position", name=op.f("uq_ledger_transfer_journal_id_position")
        ),
    )
    with op.batch_alter_table("ledger_transfer", schema=None) as batch_op:
        batch_op.create_index(
            "ix_ledger_transfer_credit_id", ["credit_id", "amount_fen"], unique=False
        )
        batch_op.create_index(
            "ix_ledger_transfer_debit_id", ["debit_id", "amount_fen"], unique=False
        )

    op.create_table(
        "ledger_voucher",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "journal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("month_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_ledger_voucher_counts_from_one")),
        sa.ForeignKeyConstraint(
            ["journal_id"],
            ["ledger_journal.id"],
            name=op.f("fk_ledger_voucher_journal_id_ledger_journal"),
        ),
        sa.ForeignKeyConstraint(
            ["month_id"], ["ledger_month.id"], name=op.f("fk_ledger_voucher_month_id_ledger_month")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_voucher")),
        sa.UniqueConstraint("journal_id", name=op.f("uq_ledger_voucher_journal_id")),
        sa.UniqueConstraint("month_id", "number", name=op.f("uq_ledger_voucher_month_id_number")),
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "role",
            sa.Enum(
                "member",
                "clerk",
                "approver",
                "finance",
                "receiver",
                "union_auditor",
                "manager",
                "weigher",
                "carrier",
                "operator",
                "treasurer",
                "auditor",
                "program",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_membership_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_membership_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_membership_organisation_id"), ["organisation_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_membership_user_id"), ["user_id"], unique=False)
        batch_op.create_index(
            "uq_membership_current",
            ["user_id", "organisation_id", "role"],
            unique=True,
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )

    op.create_table(
        "payment_reminder",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("union_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "before",
                "on_day",
                "first",
                "second",
                "last",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("open_fen", sa.BigInteger(), nullable=False),
        sa.Column("interest_fen", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "open_fen > 0 AND interest_fen >= 0",
            name=op.f("ck_payment_reminder_asks_for_something"),
        ),
        sa.ForeignKeyConstraint(
            ["union_id"],
            ["organisation.id"],
            name=op.f("fk_payment_reminder_union_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_reminder")),
        sa.UniqueConstraint("number", name=op.f("uq_payment_reminder_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payment_reminder_public_id")),
        sa.UniqueConstraint("union_id", "on_day", name=op.f("uq_payment_reminder_union_id_on_day")),
    )
    with op.batch_alter_table("payment_reminder", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_reminder_on_day"), ["on_day"], unique=False)

    op.create_table(
        "process",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "cooperative_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "category",
            sa.Enum(
                "tea",
                "fruit",
                "oil",
                "grain",
                "poultry",
                "dry",
                "food",
                name="category",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("name_en", sa.String(length=64), nullable=False),
        sa.Column("makes", sa.String(length=32), nullable=False),
        sa.Column("makes_en", sa.String(length=64), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["organisation.id"],
            name=op.f("fk_process_cooperative_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process")),
        sa.UniqueConstraint("public_id", name=op.f("uq_process_public_id")),
    )
    with op.batch_alter_table("process", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_process_cooperative_id"), ["cooperative_id"], unique=False
        )

    op.create_table(
        "product",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "cooperative_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "county_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("name_en", sa.String(length=96), nullable=False),
        sa.Column(
            "category",
            sa.Enum(
                "tea",
                "fruit",
                "oil",
                "grain",
                "poultry",
                "dry",
                "food",
                name="category",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("grade", sa.String(length=32), nullable=False),
        sa.Column("grade_en", sa.String(length=32), nullable=False),
        sa.Column("season", sa.String(length=64), nullable=False),
        sa.Column("season_en", sa.String(length=64), nullable=False),
        sa.Column("story", sa.String(), nullable=False),
        sa.Column("story_en", sa.String(), nullable=False),
        sa.Column("geographical_indication", sa.Boolean(), nullable=False),
        sa.Column("fresh", sa.Boolean(), nullable=False),
        sa.Column("shelf_life_days", sa.BigInteger(), nullable=False),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["organisation.id"],
            name=op.f("fk_product_cooperative_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["county_id"], ["county.id"], name=op.f("fk_product_county_id_county")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("public_id", name=op.f("uq_product_public_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_product_slug")),
    )
    with op.batch_alter_table("product", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_product_category"), ["category"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_product_cooperative_id"), ["cooperative_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_product_county_id"), ["county_id"], unique=False)

    op.create_table(
        "reserve_rate",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "cooperative_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("bp", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "approved",
                "refused",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_at IS NULL)", name=op.f("ck_reserve_rate_decided")
        ),
        sa.CheckConstraint(
            "bp >= 0 AND bp <= 10000", name=op.f("ck_reserve_rate_within_the_whole")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["organisation.id"],
            name=op.f("fk_reserve_rate_cooperative_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reserve_rate")),
        sa.UniqueConstraint("public_id", name=op.f("uq_reserve_rate_public_id")),
    )
    with op.batch_alter_table("reserve_rate", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_reserve_rate_cooperative_id"), ["cooperative_id"], unique=False
        )
        batch_op.create_index(
            "uq_reserve_rate_day",
            ["cooperative_id", "from_day"],
            unique=True,
            sqlite_where=sa.text("state <> 'refused'"),
            postgresql_where=sa.text("state <> 'refused'"),
        )

    op.create_table(
        "slip_print",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "cooperative_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "village_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("households", sa.BigInteger(), nullable=False),
        sa.Column("door", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("households > 0", name=op.f("ck_slip_print_some")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["organisation.id"],
            name=op.f("fk_slip_print_cooperative_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["village_id"], ["village.id"], name=op.f("fk_slip_print_village_id_village")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slip_print")),
        sa.UniqueConstraint("public_id", name=op.f("uq_slip_print_public_id")),
    )
    with op.batch_alter_table("slip_print", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_slip_print_cooperative_id"), ["cooperative_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_slip_print_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_slip_print_village_id"), ["village_id"], unique=False)

    op.create_table(
        "village_story",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "village_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "state",
            sa.Enum(
                "published",
                "taken_down",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=40), nullable=False),
        sa.Column("title_en", sa.String(length=80), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("words_en", sa.String(), nullable=False),
        sa.Column("grows", sa.String(length=80), nullable=False),
        sa.Column("grows_en", sa.String(length=120), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["village_id"], ["village.id"], name=op.f("fk_village_story_village_id_village")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_village_story")),
        sa.UniqueConstraint("public_id", name=op.f("uq_village_story_public_id")),
        sa.UniqueConstraint("village_id", name=op.f("uq_village_story_village_id")),
    )
    op.create_table(
        "budget_move",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "budget_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "step",
            sa.Enum(
                "set",
                "reserve",
                "unreserve",
                "commit",
                "uncommit",
                "spend",
                "unspend",
                name="step",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("about", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["budget_id"], ["budget.id"], name=op.f("fk_budget_move_budget_id_budget")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_move")),
    )
    with op.batch_alter_table("budget_move", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_budget_move_about"), ["about"], unique=False)
        batch_op.create_index(batch_op.f("ix_budget_move_budget_id"), ["budget_id"], unique=False)

    op.create_table(
        "certificate",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "issued",
                "collected",
                "written",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "valid",
                "replaced",
                "voided",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "cooperative_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "household_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("goods", sa.String(length=64), nullable=False),
        sa.Column("grams", sa.BigInteger(), nullable=True),
        sa.Column(
            "basis",
            sa.Enum(
                "commissioned",
                "own_test",
                "control",
                "promise",
                name="basis",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.Column(
            "replaces_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(length=128), nullable=False),
        sa.Column("media_type", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'issued') = (household_id IS NULL)",
            name=op.f("ck_certificate_issued_by_one_or_the_other"),
        ),
        sa.CheckConstraint(
            "grams IS NULL OR grams > 0", name=op.f("ck_certificate_weighs_something")
        ),
        sa.CheckConstraint("keep_until > issued_on", name=op.f("ck_certificate_kept_for_a_while")),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["organisation.id"],
            name=op.f("fk_certificate_cooperative_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_certificate_household_id_household")
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["certificate.id"], name=op.f("fk_certificate_replaces_id_certificate")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("public_id", name=op.f("uq_certificate_public_id")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_certificate_replaces_id")),
    )
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certificate_cooperative_id"), ["cooperative_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_certificate_keep_until"), ["keep_until"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_number"), ["number"], unique=False)
        batch_op.create_index(
            "uq_certificate_of_cooperative",
            ["cooperative_id", "number"],
            unique=True,
            sqlite_where=sa.text("kind <> 'collected'"),
            postgresql_where=sa.text("kind <> 'collected'"),
        )
        batch_op.create_index(
            "uq_certificate_of_household",
            ["household_id", "number"],
            unique=True,
            sqlite_where=sa.text("kind = 'collected'"),
            postgresql_where=sa.text("kind = 'collected'"),
        )

    op.create_table(
        "consent",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "household_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "purpose",
            sa.Enum(
                "name",
                "story",
                "picture",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "withdrawn_on IS NULL OR withdrawn_on >= given_on", name=op.f("ck_consent_in_order")
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_consent_household_id_household")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consent_household_id"), ["household_id"], unique=False)
        batch_op.create_index(
            "uq_consent_standing",
            ["household_id", "purpose"],
            unique=True,
            sqlite_where=sa.text("withdrawn_on IS NULL"),
            postgresql_where=sa.text("withdrawn_on IS NULL"),
        )

    op.create_table(
        "epcis_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.Column("source_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "capture_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("event_key", sa.String(length=32), nullable=False),
        sa.Column("declares_error", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("event_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("record_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(), nullable=True),
        sa.Column("biz_step", sa.String(), nullable=True),
        sa.Column("disposition", sa.String(), nullable=True),
        sa.Column("read_point", sa.String(), nullable=True),
        sa.Column("biz_location", sa.String(), nullable=True),
        sa.Column("body", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["capture_id"],
            ["epcis_capture.id"],
            name=op.f("fk_epcis_event_capture_id_epcis_capture"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_epcis_event_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["event.id"], name=op.f("fk_epcis_event_source_id_event")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_epcis_event")),
        sa.UniqueConstraint("source_id", name=op.f("uq_epcis_event_source_id")),
    )
    with op.batch_alter_table("epcis_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_epcis_event_capture_id"), ["capture_id"], unique=False)
        batch_op.create_index("ix_epcis_event_event_key", ["event_key"], unique=False)
        batch_op.create_index("ix_epcis_event_event_time_id", ["event_time", "id"], unique=False)
        batch_op.create_index(
            "ix_epcis_event_organisation_event_time",
            ["organisation_id", "event_time", "id"],
            unique=False,
        )
        batch_op.create_index(
            "ix_epcis_event_organisation_record_time",
            ["organisation_id", "record_time", "id"],
            unique=False,
        )
        batch_op.create_index("ix_epcis_event_record_time_id", ["record_time", "id"], unique=False)
        batch_op.create_index(
            "uq_epcis_event_captured",
            ["organisation_id", "event_key", "declares_error"],
            unique=True,
            sqlite_where=sa.text("NOT own"),
            postgresql_where=sa.text("NOT own"),
        )

    op.create_table(
        "freight_zone",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("table_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("first_grams", sa.BigInteger(), nullable=False),
        sa.Column("first_fen", sa.BigInteger(), nullable=False),
        sa.Column("step_grams", sa.BigInteger(), nullable=False),
        sa.Column("step_fen", sa.BigInteger(), nullable=False),
        sa.Column("free_from_fen", sa.BigInteger(), nullable=True),
        sa.Column("free_from_grams", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "first_fen >= 0 AND step_fen >= 0", name=op.f("ck_freight_zone_not_below_zero")
        ),
        sa.CheckConstraint(
            "first_grams > 0 AND step_grams > 0", name=op.f("ck_freight_zone_weighs_something")
        ),
        sa.CheckConstraint(
            "free_from_fen > 0 AND free_from_grams > 0",
            name=op.f("ck_freight_zone_free_from_something"),
        ),
        sa.ForeignKeyConstraint(
            ["table_id"], ["freight_table.id"], name=op.f("fk_freight_zone_table_id_freight_table")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_freight_zone")),
        sa.UniqueConstraint("table_id", "position", name=op.f("uq_freight_zone_table_id_position")),
    )
    op.create_table(
        "household_report",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "household_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "answered",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["household_id"],
            ["household.id"],
            name=op.f("fk_household_report_household_id_household"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_report")),
        sa.UniqueConstraint("public_id", name=op.f("uq_household_report_public_id")),
    )
    with op.batch_alter_table("household_report", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_household_report_household_id"), ["household_id"], unique=False
        )

    op.create_table(
        "household_status",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "household_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "standing",
            sa.Enum(
                "ordinary",
                "lifted",
                "unstable",
                "marginal",
                "sudden",
                "exited",
                name="standing",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "until IS NULL OR until > since", name=op.f("ck_household_status_in_order")
        ),
        sa.ForeignKeyConstraint(
            ["household_id"],
            ["household.id"],
            name=op.f("fk_household_status_household_id_household"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_status")),
    )
    with op.batch_alter_table("household_status", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_household_status_household_id"), ["household_id"], unique=False
        )

    op.create_table(
        "household_story",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "household_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "state",
            sa.Enum(
                "published",
                "taken_down",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("words_en", sa.String(), nullable=False),
        sa.Column(
            "drawing",
            sa.Enum(
                "gougunao-teji",
                "anyuan-qicheng",
                "yanling-huangtao",
                "shicheng-bailian",
                "jinggang-hongmi",
                "xingguo-chayou",
                "jinggang-zhusun",
                "suichuan-banya",
                name="drawing",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["household_id"],
            ["household.id"],
            name=op.f("fk_household_story_household_id_household"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_story")),
        sa.UniqueConstraint("household_id", name=op.f("uq_household_story_household_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_household_story_public_id")),
    )
    op.create_table(
        "payment_reminder_sending",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "reminder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "way",
            sa.Enum(
                "letter",
                "telephone",
                "wechat",
                name="way",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_id"], ["app_user.id"], name=op.f("fk_payment_reminder_sending_by_id_app_user")
        ),
        sa.ForeignKeyConstraint(
            ["reminder_id"],
            ["payment_reminder.id"],
            name=op.f("fk_payment_reminder_sending_reminder_id_payment_reminder"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_reminder_sending")),
        sa.UniqueConstraint(
            "reminder_id",
            "way",
            "on_day",
            name=op.f("uq_payment_reminder_sending_reminder_id_way_on_day"),
        ),
    )
    op.create_table(
        "plot",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "household_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("crop", sa.String(length=32), nullable=False),
        sa.Column("area_m2", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("area_m2 > 0", name=op.f("ck_plot_has_area")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_plot_household_id_household")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plot")),
        sa.UniqueConstraint("public_id", name=op.f("uq_plot_public_id")),
    )
    with op.batch_alter_table("plot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plot_household_id"), ["household_id"], unique=False)

    op.create_table(
        "process_step",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "process_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("name_en", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["process_id"], ["process.id"], name=op.f("fk_process_step_process_id_process")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_step")),
        sa.UniqueConstraint(
            "process_id", "position", name=op.f("uq_process_step_process_id_position")
        ),
    )
    op.create_table(
        "purchase",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("reference", sa.String(length=9), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "bulk", "retail", name="kind", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "submitted",
                "returned",
                "approved",
                "cancelled",
                "lapsed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "terms",
            sa.Enum(
                "before",
                "after",
                name="terms",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("union_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("buyer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("budget_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("recipient", sa.String(length=32), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("province", sa.String(length=8), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lapses_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(kind = 'bulk') = (union_id IS NOT NULL)", name=op.f("ck_purchase_bulk_is_a_unions")
        ),
        sa.CheckConstraint("total_fen > 0", name=op.f("ck_purchase_costs_something")),
        sa.ForeignKeyConstraint(
            ["budget_id"], ["budget.id"], name=op.f("fk_purchase_budget_id_budget")
        ),
        sa.ForeignKeyConstraint(
            ["buyer_id"], ["app_user.id"], name=op.f("fk_purchase_buyer_id_app_user")
        ),
        sa.ForeignKeyConstraint(
            ["union_id"], ["organisation.id"], name=op.f("fk_purchase_union_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase")),
        sa.UniqueConstraint("number", name=op.f("uq_purchase_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_purchase_public_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_purchase_reference")),
    )
    with op.batch_alter_table("purchase", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_purchase_buyer_id"), ["buyer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_purchase_lapses_at"), ["lapses_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_purchase_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_purchase_union_id"), ["union_id"], unique=False)

    op.create_table(
        "sealed_event",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("chain", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("seq >= 0", name=op.f("ck_sealed_event_seq_counts_from_zero")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_sealed_event_event_id_event")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_sealed_event")),
        sa.UniqueConstraint("event_id", name=op.f("uq_sealed_event_event_id")),
    )
    op.create_table(
        "slip_part",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("print_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last_code", sa.String(length=9), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("pages", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("first >= 0", name=op.f("ck_slip_part_from_the_first")),
        sa.ForeignKeyConstraint(
            ["print_id"], ["slip_print.id"], name=op.f("fk_slip_part_print_id_slip_print")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slip_part")),
        sa.UniqueConstraint("print_id", "first", name=op.f("uq_slip_part_print_id_first")),
    )
    op.create_table(
        "specification",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("name_en", sa.String(length=64), nullable=False),
        sa.Column("unit", sa.String(length=8), nullable=False),
        sa.Column("unit_en", sa.String(length=16), nullable=False),
        sa.Column("net_grams", sa.BigInteger(), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=True),
        sa.CheckConstraint("net_grams > 0", name=op.f("ck_specification_has_weight")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_specification_product_id_product")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_specification")),
        sa.UniqueConstraint("gtin", name=op.f("uq_specification_gtin")),
        sa.UniqueConstraint("product_id", "name", name=op.f("uq_specification_product_id_name")),
        sa.UniqueConstraint("public_id", name=op.f("uq_specification_public_id")),
    )
    op.create_table(
        "agreed_days",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "purchase_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.Column("ground", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("days > 0", name=op.f("ck_agreed_days_some")),
        sa.ForeignKeyConstraint(
            ["by_id"], ["app_user.id"], name=op.f("fk_agreed_days_by_id_app_user")
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_agreed_days_purchase_id_purchase")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreed_days")),
        sa.UniqueConstraint("purchase_id", name=op.f("uq_agreed_days_purchase_id")),
    )
    op.create_table(
        "bank_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "statement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("line_key", sa.String(length=128), nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "suspense",
                "explained",
                "matched",
                "payout",
                "refunded",
                "fee",
                "unexplained",
                "returned",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("balance_fen", sa.BigInteger(), nullable=False),
        sa.Column("counterparty", sa.String(length=128), nullable=False),
        sa.Column("account_sealed", sa.String(), nullable=False),
        sa.Column("account_last4", sa.String(length=4), nullable=False),
        sa.Column("memo", sa.String(length=255), nullable=False),
        sa.Column("serial", sa.String(length=64), nullable=False),
        sa.Column(
            "purchase_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "wish",
            sa.Enum(
                "book",
                "send_back",
                name="wish",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("explained_as", sa.String(length=32), nullable=True),
        sa.Column("explained_number", sa.String(length=64), nullable=True),
        sa.CheckConstraint("amount_fen <> 0", name=op.f("ck_bank_line_moves_money")),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_bank_line_purchase_id_purchase")
        ),
        sa.ForeignKeyConstraint(
            ["statement_id"],
            ["bank_statement.id"],
            name=op.f("fk_bank_line_statement_id_bank_statement"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_line")),
        sa.UniqueConstraint("public_id", name=op.f("uq_bank_line_public_id")),
        sa.UniqueConstraint(
            "statement_id", "position", name=op.f("uq_bank_line_statement_id_position")
        ),
    )
    with op.batch_alter_table("bank_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bank_line_purchase_id"), ["purchase_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bank_line_state"), ["state"], unique=False)
        batch_op.create_index(
            "uq_bank_line_key",
            ["line_key"],
            unique=True,
            sqlite_where=sa.text("NOT undone"),
            postgresql_where=sa.text("NOT undone"),
        )

    op.create_table(
        "cart_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("visitor_key", sa.String(length=32), nullable=True),
        sa.Column("union_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "specification_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("seen_price_fen", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(user_id IS NULL) <> (visitor_key IS NULL)", name=op.f("ck_cart_line_one_owner")
        ),
        sa.CheckConstraint("units > 0", name=op.f("ck_cart_line_some")),
        sa.ForeignKeyConstraint(
            ["specification_id"],
            ["specification.id"],
            name=op.f("fk_cart_line_specification_id_specification"),
        ),
        sa.ForeignKeyConstraint(
            ["union_id"], ["organisation.id"], name=op.f("fk_cart_line_union_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_cart_line_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cart_line")),
        sa.UniqueConstraint(
            "visitor_key",
            "specification_id",
            name=op.f("uq_cart_line_visitor_key_specification_id"),
        ),
    )
    with op.batch_alter_table("cart_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cart_line_user_id"), ["user_id"], unique=False)
        batch_op.create_index(
            "uq_cart_line_own",
            ["user_id", "specification_id"],
            unique=True,
            sqlite_where=sa.text("union_id IS NULL AND user_id IS NOT NULL"),
            postgresql_where=sa.text("union_id IS NULL AND user_id IS NOT NULL"),
        )
        batch_op.create_index(
            "uq_cart_line_union",
            ["user_id", "union_id", "specification_id"],
            unique=True,
            sqlite_where=sa.text("union_id IS NOT NULL"),
            postgresql_where=sa.text("union_id IS NOT NULL"),
        )

    op.create_table(
        "discount",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "specification_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("union_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("until_day", sa.Date(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=True),
        sa.Column("percent", sa.BigInteger(), nullable=True),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "waiting",
                "approved",
                "returned",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "drafted_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'returned') OR decided_at IS NOT NULL",
            name=op.f("ck_discount_decided"),
        ),
        sa.CheckConstraint(
            "(price_fen IS NULL) <> (percent IS NULL)", name=op.f("ck_discount_one_way")
        ),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR drafted_by_id IS NULL OR decided_by_id <> drafted_by_id",
            name=op.f("ck_discount_two_people"),
        ),
        sa.CheckConstraint("percent BETWEEN 1 AND 90", name=op.f("ck_discount_leaves_something")),
        sa.CheckConstraint("price_fen > 0", name=op.f("ck_discount_costs_something")),
        sa.CheckConstraint("until_day >= from_day", name=op.f("ck_discount_ends_after_it_begins")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["app_user.id"], name=op.f("fk_discount_decided_by_id_app_user")
        ),
        sa.ForeignKeyConstraint(
            ["drafted_by_id"], ["app_user.id"], name=op.f("fk_discount_drafted_by_id_app_user")
        ),
        sa.ForeignKeyConstraint(
            ["specification_id"],
            ["specification.id"],
            name=op.f("fk_discount_specification_id_specification"),
        ),
        sa.ForeignKeyConstraint(
            ["union_id"], ["organisation.id"], name=op.f("fk_discount_union_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discount")),
        sa.UniqueConstraint("public_id", name=op.f("uq_discount_public_id")),
    )
    with op.batch_alter_table("discount", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_discount_specification_id"), ["specification_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_discount_state"), ["state"], unique=False)
        batch_op.create_index(
            "uq_discount_day",
            ["specification_id", "from_day"],
            unique=True,
            sqlite_where=sa.text("state IN ('waiting', 'approved') AND union_id IS NULL"),
            postgresql_where=sa.text("state IN ('waiting', 'approved') AND union_id IS NULL"),
        )
        batch_op.create_index(
            "uq_discount_of_union_day",
            ["specification_id", "union_id", "from_day"],
            unique=True,
            sqlite_where=sa.text("state IN ('waiting', 'approved') AND union_id IS NOT NULL"),
            postgresql_where=sa.text("state IN ('waiting', 'approved') AND union_id IS NOT NULL"),
        )

    op.create_table(
        "epcis_name",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("part", sa.String(length=8), nullable=False),
        sa.Column("is_class", sa.Boolean(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("epc", sa.String(), nullable=False),
        sa.CheckConstraint(
            "part IN ('object', 'parent', 'input', 'output', 'about')",
            name=op.f("ck_epcis_name_part"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["epcis_event.id"], name=op.f("fk_epcis_name_event_id_epcis_event")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_epcis_name")),
    )
    with op.batch_alter_table("epcis_name", schema=None) as batch_op:
        batch_op.create_index("ix_epcis_name_event_id", ["event_id"], unique=False)
        batch_op.create_index("ix_epcis_name_key_event_id", ["key", "event_id"], unique=False)

    op.create_table(
        "freight_province",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("table_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("zone_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("province", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(
            ["table_id"],
            ["freight_table.id"],
            name=op.f("fk_freight_province_table_id_freight_table"),
        ),
        sa.ForeignKeyConstraint(
            ["zone_id"], ["freight_zone.id"], name=op.f("fk_freight_province_zone_id_freight_zone")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_freight_province")),
        sa.UniqueConstraint(
            "table_id", "province", name=op.f("uq_freight_province_table_id_province")
        ),
    )
    with op.batch_alter_table("freight_province", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_freight_province_zone_id"), ["zone_id"], unique=False)

    op.create_table(
        "lot",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "delivery",
                "processed",
                "blend",
                "part",
                "byproduct",
                "packed",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "recorded",
                "voided",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "cooperative_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "category",
            sa.Enum(
                "tea",
                "fruit",
                "oil",
                "grain",
                "poultry",
                "dry",
                "food",
                name="category",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("grade", sa.String(length=32), nullable=False),
        sa.Column("grams", sa.BigInteger(), nullable=False),
        sa.Column("used_grams", sa.BigInteger(), nullable=False),
        sa.Column("lost_grams", sa.BigInteger(), nullable=False),
        sa.Column("freezes", sa.BigInteger(), nullable=False),
        sa.Column("share_version", sa.BigInteger(), nullable=False),
        sa.Column(
            "process_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "specification_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("reserved_units", sa.BigInteger(), nullable=False),
        sa.Column("shipped_units", sa.BigInteger(), nullable=False),
        sa.Column("written_off_units", sa.BigInteger(), nullable=False),
        sa.Column("coded_units", sa.BigInteger(), nullable=False),
        sa.Column("harvest_from", sa.Date(), nullable=False),
        sa.Column("harvest_to", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("best_before", sa.Date(), nullable=True),
        sa.Column("certificate", sa.String(length=32), nullable=False),
        sa.Column("trace_code", sa.String(length=9), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'packed') = (specification_id IS NOT NULL) AND (kind = 'packed') = (units > 0)",
            name=op.f("ck_lot_only_packed_lots_have_units"),
        ),
        sa.CheckConstraint(
            "coded_units >= 0 AND coded_units <= units", name=op.f("ck_lot_not_over_coded")
        ),
        sa.CheckConstraint("freezes >= 0", name=op.f("ck_lot_freezes_not_negative")),
        sa.CheckConstraint("grams > 0", name=op.f("ck_lot_has_weight")),
        sa.CheckConstraint(
            "reserved_units >= 0 AND shipped_units >= 0 AND written_off_units >= 0 AND reserved_units + shipped_units + written_off_units <= units",
            name=op.f("ck_lot_not_over_sold"),
        ),
        sa.CheckConstraint(
            "used_grams >= 0 AND lost_grams >= 0 AND used_grams + lost_grams <= grams",
            name=op.f("ck_lot_not_over_used"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"], ["organisation.id"], name=op.f("fk_lot_cooperative_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["process_id"], ["process.id"], name=op.f("fk_lot_process_id_process")
        ),
        sa.ForeignKeyConstraint(
            ["specification_id"],
            ["specification.id"],
            name=op.f("fk_lot_specification_id_specification"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot")),
        sa.UniqueConstraint("number", name=op.f("uq_lot_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_lot_public_id")),
        sa.UniqueConstraint("trace_code", name=op.f("uq_lot_trace_code")),
    )
    with op.batch_alter_table("lot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lot_cooperative_id"), ["cooperative_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lot_process_id"), ["process_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_lot_specification_id"), ["specification_id"], unique=False
        )

    op.create_table(
        "price_composition",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "specification_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "tax_class",
            sa.Enum(
                "exempt",
                "9",
                "13",
                name="tax_class",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("households_fen", sa.BigInteger(), nullable=False),
        sa.Column("processing_fen", sa.BigInteger(), nullable=False),
        sa.Column("packing_fen", sa.BigInteger(), nullable=False),
        sa.Column("freight_fen", sa.BigInteger(), nullable=False),
        sa.Column("cooperative_fen", sa.BigInteger(), nullable=False),
        sa.Column("platform_fen", sa.BigInteger(), nullable=False),
        sa.Column("tax_fen", sa.BigInteger(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "waiting",
                "approved",
                "returned",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "drafted_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'returned') OR decided_at IS NOT NULL",
            name=op.f("ck_price_composition_decided"),
        ),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR drafted_by_id IS NULL OR decided_by_id <> drafted_by_id",
            name=op.f("ck_price_composition_two_people"),
        ),
        sa.CheckConstraint(
            "price_fen = households_fen + processing_fen + packing_fen + freight_fen + cooperative_fen + platform_fen + tax_fen",
            name=op.f("ck_price_composition_sums_to_the_price"),
        ),
        sa.CheckConstraint(
            "price_fen > 0 AND households_fen >= 0 AND processing_fen >= 0 AND packing_fen >= 0 AND freight_fen >= 0 AND cooperative_fen >= 0 AND platform_fen >= 0 AND tax_fen >= 0",
            name=op.f("ck_price_composition_no_part_below_zero"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["app_user.id"],
            name=op.f("fk_price_composition_decided_by_id_app_user"),
        ),
        sa.ForeignKeyConstraint(
            ["drafted_by_id"],
            ["app_user.id"],
            name=op.f("fk_price_composition_drafted_by_id_app_user"),
        ),
        sa.ForeignKeyConstraint(
            ["specification_id"],
            ["specification.id"],
            name=op.f("fk_price_composition_specification_id_specification"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_composition")),
        sa.UniqueConstraint("public_id", name=op.f("uq_price_composition_public_id")),
    )
    with op.batch_alter_table("price_composition", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_price_composition_specification_id"), ["specification_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_price_composition_state"), ["state"], unique=False)
        batch_op.create_index(
            "uq_price_composition_day",
            ["specification_id", "from_day"],
            unique=True,
            sqlite_where=sa.text("state IN ('waiting', 'approved')"),
            postgresql_where=sa.text("state IN ('waiting', 'approved')"),
        )

    op.create_table(
        "purchase_order",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column(
            "purchase_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "cooperative_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "confirmed",
                "shipping",
                "shipped",
                "accepted",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("fresh", sa.Boolean(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["organisation.id"],
            name=op.f("fk_purchase_order_cooperative_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_purchase_order_purchase_id_purchase")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_order")),
        sa.UniqueConstraint("number", name=op.f("uq_purchase_order_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_purchase_order_public_id")),
        sa.UniqueConstraint(
            "purchase_id",
            "cooperative_id",
            name=op.f("uq_purchase_order_purchase_id_cooperative_id"),
        ),
    )
    with op.batch_alter_table("purchase_order", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_purchase_order_cooperative_id"), ["cooperative_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_purchase_order_state"), ["state"], unique=False)

    op.create_table(
        "settlement_run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "posting",
                "posted",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "cooperative_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "purchase_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("packed_from", sa.Date(), nullable=True),
        sa.Column("packed_to", sa.Date(), nullable=True),
        sa.Column("seen_hash", sa.String(length=64), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("job", sa.String(length=32), nullable=True),
        sa.Column("differences", sa.BigInteger(), nullable=True),
        sa.Column("lots", sa.BigInteger(), nullable=False),
        sa.Column("households", sa.BigInteger(), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["organisation.id"],
            name=op.f("fk_settlement_run_cooperative_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_settlement_run_purchase_id_purchase")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_run")),
        sa.UniqueConstraint("number", name=op.f("uq_settlement_run_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_settlement_run_public_id")),
    )
    with op.batch_alter_table("settlement_run", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_settlement_run_cooperative_id"), ["cooperative_id"], unique=False
        )

    op.create_table(
        "box",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("packed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("parent_id > id", name=op.f("ck_box_goes_into_a_later_one")),
        sa.CheckConstraint("units > 0", name=op.f("ck_box_holds_something")),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["code_batch.id"], name=op.f("fk_box_batch_id_code_batch")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_box_lot_id_lot")),
        sa.ForeignKeyConstraint(["parent_id"], ["box.id"], name=op.f("fk_box_parent_id_box")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_box")),
        sa.UniqueConstraint("batch_id", "serial", name=op.f("uq_box_batch_id_serial")),
        sa.UniqueConstraint("public_id", name=op.f("uq_box_public_id")),
    )
    with op.batch_alter_table("box", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_box_lot_id"), ["lot_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_box_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "cancellation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "side",
            sa.Enum(
                "buyer",
                "cooperative",
                "platform",
                name="side",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("value_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("value_fen > 0", name=op.f("ck_cancellation_worth_something")),
        sa.ForeignKeyConstraint(
            ["by_id"], ["app_user.id"], name=op.f("fk_cancellation_by_id_app_user")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["purchase_order.id"],
            name=op.f("fk_cancellation_order_id_purchase_order"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cancellation")),
        sa.UniqueConstraint("number", name=op.f("uq_cancellation_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_cancellation_public_id")),
    )
    with op.batch_alter_table("cancellation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cancellation_order_id"), ["order_id"], unique=False)

    op.create_table(
        "code_allocation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first_serial", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("codes_root", sa.LargeBinary(length=32), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(codes_root IS NULL) OR done = count", name=op.f("ck_code_allocation_root_of_all")
        ),
        sa.CheckConstraint(
            "done >= 0 AND done <= count", name=op.f("ck_code_allocation_done_within_count")
        ),
        sa.CheckConstraint(
            "first_serial > 0 AND count > 0", name=op.f("ck_code_allocation_is_a_range")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["code_batch.id"], name=op.f("fk_code_allocation_batch_id_code_batch")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_code_allocation_lot_id_lot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_allocation")),
        sa.UniqueConstraint(
            "batch_id", "first_serial", name=op.f("uq_code_allocation_batch_id_first_serial")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_code_allocation_public_id")),
    )
    with op.batch_alter_table("code_allocation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_code_allocation_lot_id"), ["lot_id"], unique=False)

    op.create_table(
        "code_notice",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "cooperative_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "first", "odd", name="kind", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["code_batch.id"], name=op.f("fk_code_notice_batch_id_code_batch")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["organisation.id"],
            name=op.f("fk_code_notice_cooperative_id_organisation"),
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_code_notice_lot_id_lot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_notice")),
        sa.UniqueConstraint(
            "batch_id", "serial", "kind", name=op.f("uq_code_notice_batch_id_serial_kind")
        ),
    )
    with op.batch_alter_table("code_notice", schema=None) as batch_op:
        batch_op.create_index(
            "ix_code_notice_cooperative_id_at", ["cooperative_id", "at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_code_notice_lot_id"), ["lot_id"], unique=False)

    op.create_table(
        "complaint",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "cooperative_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("serial", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "answered",
                "closed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("phone_sealed", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["code_batch.id"], name=op.f("fk_complaint_batch_id_code_batch")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["organisation.id"],
            name=op.f("fk_complaint_cooperative_id_organisation"),
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_complaint_lot_id_lot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
        sa.UniqueConstraint("public_id", name=op.f("uq_complaint_public_id")),
    )
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_complaint_cooperative_id"), ["cooperative_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_complaint_lot_id"), ["lot_id"], unique=False)

    op.create_table(
        "delivery",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "household_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("plot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("weighed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "weigher_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("net_grams", sa.BigInteger(), nullable=False),
        sa.Column("fen_per_kg", sa.BigInteger(), nullable=False),
        sa.Column("value_fen", sa.BigInteger(), nullable=False),
        sa.Column(
            "payment",
            sa.Enum(
                "paid",
                "consignment",
                name="payment",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "certificate_source",
            sa.Enum(
                "collected",
                "written",
                "none",
                name="certificate_source",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "replaces_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.CheckConstraint("fen_per_kg >= 0", name=op.f("ck_delivery_price_not_below_zero")),
        sa.CheckConstraint("net_grams > 0", name=op.f("ck_delivery_has_weight")),
        sa.CheckConstraint("value_fen >= 0", name=op.f("ck_delivery_value_not_below_zero")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_delivery_household_id_household")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_delivery_lot_id_lot")),
        sa.ForeignKeyConstraint(["plot_id"], ["plot.id"], name=op.f("fk_delivery_plot_id_plot")),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["delivery.id"], name=op.f("fk_delivery_replaces_id_delivery")
        ),
        sa.ForeignKeyConstraint(
            ["weigher_id"], ["app_user.id"], name=op.f("fk_delivery_weigher_id_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("lot_id", name=op.f("uq_delivery_lot_id")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_delivery_replaces_id")),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_delivery_household_id"), ["household_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_delivery_weighed_at"), ["weighed_at"], unique=False)

    op.create_table(
        "destruction",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "recall_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "done",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("grams", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(grams > 0) <> (units > 0) AND grams >= 0 AND units >= 0",
            name=op.f("ck_destruction_some"),
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_destruction_lot_id_lot")),
        sa.ForeignKeyConstraint(
            ["recall_id"], ["recall.id"], name=op.f("fk_destruction_recall_id_recall")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_destruction")),
        sa.UniqueConstraint("public_id", name=op.f("uq_destruction_public_id")),
    )
    with op.batch_alter_table("destruction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_destruction_lot_id"), ["lot_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_destruction_recall_id"), ["recall_id"], unique=False)

    op.create_table(
        "dispute",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "upheld",
                "dismissed",
                "mended",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "claim",
            sa.Enum(
                "not_mine",
                "quantity",
                "village",
                "other",
                name="claim",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "household_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "village_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column(
            "received",
            sa.Enum(
                "statement",
                "phone",
                "visit",
                "letter",
                name="received",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(household_id IS NULL) <> (village_id IS NULL)",
            name=op.f("ck_dispute_one_household_or_village"),
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_dispute_household_id_household")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_dispute_lot_id_lot")),
        sa.ForeignKeyConstraint(
            ["village_id"], ["village.id"], name=op.f("fk_dispute_village_id_village")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
        sa.UniqueConstraint("number", name=op.f("uq_dispute_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_dispute_public_id")),
    )
    with op.batch_alter_table("dispute", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dispute_household_id"), ["household_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_dispute_lot_id"), ["lot_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_dispute_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_dispute_village_id"), ["village_id"], unique=False)
        batch_op.create_index(
            "uq_dispute_standing",
            ["lot_id", "household_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('open', 'upheld')"),
            postgresql_where=sa.text("state IN ('open', 'upheld')"),
        )

    op.create_table(
        "due_payment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "bank_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "cooperative_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "journal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_due_payment_some")),
        sa.ForeignKeyConstraint(
            ["bank_line_id"], ["bank_line.id"], name=op.f("fk_due_payment_bank_line_id_bank_line")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["organisation.id"],
            name=op.f("fk_due_payment_cooperative_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["journal_id"],
            ["ledger_journal.id"],
            name=op.f("fk_due_payment_journal_id_ledger_journal"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_due_payment")),
        sa.UniqueConstraint("journal_id", name=op.f("uq_due_payment_journal_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_due_payment_public_id")),
    )
    with op.batch_alter_table("due_payment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_due_payment_bank_line_id"), ["bank_line_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_due_payment_cooperative_id"), ["cooperative_id"], unique=False
        )

    op.create_table(
        "external_code",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "cooperative_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("scheme", sa.String(length=32), nullable=False),
        sa.Column("value", sa.String(length=128), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["organisation.id"],
            name=op.f("fk_external_code_cooperative_id_organisation"),
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_external_code_lot_id_lot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_code")),
        sa.UniqueConstraint("scheme", "value", name=op.f("uq_external_code_scheme_value")),
    )
    with op.batch_alter_table("external_code", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_external_code_cooperative_id"), ["cooperative_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_external_code_lot_id"), ["lot_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_external_code_value"), ["value"], unique=False)

    op.create_table(
        "invoice",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("file_name", sa.String(length=128), nullable=False),
        sa.Column("media_type", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(number) = 20", name=op.f("ck_invoice_twenty_digits")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["purchase_order.id"], name=op.f("fk_invoice_order_id_purchase_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("number", name=op.f("uq_invoice_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_invoice_public_id")),
    )
    with op.batch_alter_table("invoice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invoice_order_id"), ["order_id"], unique=False)

    op.create_table(
        "lot_certificate",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "certificate_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["certificate.id"],
            name=op.f("fk_lot_certificate_certificate_id_certificate"),
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_lot_certificate_lot_id_lot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_certificate")),
    )
    with op.batch_alter_table("lot_certificate", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_lot_certificate_certificate_id"), ["certificate_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_lot_certificate_lot_id"), ["lot_id"], unique=False)
        batch_op.create_index(
            "uq_lot_certificate_current",
            ["lot_id"],
            unique=True,
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )

    op.create_table(
        "lot_freeze",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "cause",
            sa.Enum(
                "alarm",
                "dispute",
                "recall",
                "quality",
                name="cause",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("about", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lift_reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_lot_freeze_lot_id_lot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_freeze")),
    )
    with op.batch_alter_table("lot_freeze", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lot_freeze_about"), ["about"], unique=False)
        batch_op.create_index(batch_op.f("ix_lot_freeze_lot_id"), ["lot_id"], unique=False)
        batch_op.create_index(
            "uq_lot_freeze_standing",
            ["lot_id", "about"],
            unique=True,
            sqlite_where=sa.text("lifted_at IS NULL"),
            postgresql_where=sa.text("lifted_at IS NULL"),
        )

    op.create_table(
        "lot_input",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("child_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("grams", sa.BigInteger(), nullable=False),
        sa.Column("before_grams", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("child_id > parent_id", name=op.f("ck_lot_input_child_is_younger")),
        sa.CheckConstraint(
            "grams > 0 AND before_grams >= 0", name=op.f("ck_lot_input_takes_something")
        ),
        sa.ForeignKeyConstraint(["child_id"], ["lot.id"], name=op.f("fk_lot_input_child_id_lot")),
        sa.ForeignKeyConstraint(["parent_id"], ["lot.id"], name=op.f("fk_lot_input_parent_id_lot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_input")),
        sa.UniqueConstraint("child_id", "parent_id", name=op.f("uq_lot_input_child_id_parent_id")),
        sa.UniqueConstraint(
            "parent_id", "before_grams", name=op.f("uq_lot_input_parent_id_before_grams")
        ),
    )
    op.create_table(
        "lot_loss",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("grams", sa.BigInteger(), nullable=False),
        sa.Column("before_grams", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint(
            "grams > 0 AND before_grams >= 0", name=op.f("ck_lot_loss_loses_something")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_lot_loss_lot_id_lot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_loss")),
        sa.UniqueConstraint("lot_id", "before_grams", name=op.f("uq_lot_loss_lot_id_before_grams")),
    )
    op.create_table(
        "lot_step",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("name_en", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_lot_step_lot_id_lot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_step")),
        sa.UniqueConstraint("lot_id", "position", name=op.f("uq_lot_step_lot_id_position")),
    )
    op.create_table(
        "lot_test",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "cooperative_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "state",
            sa.Enum(
                "passed",
                "failed",
                "cleared",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("report", sa.String(length=48), nullable=False),
        sa.Column("tested_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(length=128), nullable=False),
        sa.Column("media_type", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_until >= tested_on",
            name=op.f("ck_lot_test_valid_for_a_while"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["organisation.id"],
            name=op.f("fk_lot_test_cooperative_id_organisation"),
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_lot_test_lot_id_lot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_test")),
        sa.UniqueConstraint(
            "lot_id", "agency", "report", name=op.f("uq_lot_test_lot_id_agency_report")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_lot_test_public_id")),
    )
    with op.batch_alter_table("lot_test", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_lot_test_cooperative_id"), ["cooperative_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_lot_test_valid_until"), ["valid_until"], unique=False)

    op.create_table(
        "mass_alarm",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "ratio", "yield", name="kind", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "cleared",
                "confirmed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "cooperative_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("low", sa.BigInteger(), nullable=True),
        sa.Column("high", sa.BigInteger(), nullable=False),
        sa.Column("found", sa.BigInteger(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["organisation.id"],
            name=op.f("fk_mass_alarm_cooperative_id_organisation"),
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_mass_alarm_lot_id_lot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mass_alarm")),
        sa.UniqueConstraint("public_id", name=op.f("uq_mass_alarm_public_id")),
    )
    with op.batch_alter_table("mass_alarm", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_mass_alarm_cooperative_id"), ["cooperative_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_mass_alarm_lot_id"), ["lot_id"], unique=False)

    op.create_table(
        "order_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "specification_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("product_name", sa.String(length=64), nullable=False),
        sa.Column("specification_name", sa.String(length=64), nullable=False),
        sa.Column("unit", sa.String(length=8), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("households_fen", sa.BigInteger(), nullable=False),
        sa.Column("processing_fen", sa.BigInteger(), nullable=False),
        sa.Column("packing_fen", sa.BigInteger(), nullable=False),
        sa.Column("freight_fen", sa.BigInteger(), nullable=False),
        sa.Column("cooperative_fen", sa.BigInteger(), nullable=False),
        sa.Column("platform_fen", sa.BigInteger(), nullable=False),
        sa.Column("tax_fen", sa.BigInteger(), nullable=False),
        sa.Column("list_price_fen", sa.BigInteger(), nullable=False),
        sa.Column("discount_fen", sa.BigInteger(), nullable=False),
        sa.Column("surcharge_fen", sa.BigInteger(), nullable=False),
        sa.Column(
            "tax_class",
            sa.Enum(
                "exempt",
                "9",
                "13",
                name="tax_class",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("tax_rate_bp", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "tax_rate_bp = CASE tax_class WHEN '9' THEN 900 WHEN '13' THEN 1300 ELSE 0 END",
            name=op.f("ck_order_line_rate_of_the_class"),
        ),
        sa.CheckConstraint(
            "discount_fen >= 0 AND surcharge_fen >= 0 AND price_fen - surcharge_fen + discount_fen <= list_price_fen",
            name=op.f("ck_order_line_no_dearer_than_listed"),
        ),
        sa.CheckConstraint(
            "price_fen = households_fen + processing_fen + packing_fen + freight_fen + cooperative_fen + platform_fen + tax_fen",
            name=op.f("ck_order_line_sums_to_the_price"),
        ),
        sa.CheckConstraint("units > 0", name=op.f("ck_order_line_some")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["purchase_order.id"], name=op.f("fk_order_line_order_id_purchase_order")
        ),
        sa.ForeignKeyConstraint(
            ["specification_id"],
            ["specification.id"],
            name=op.f("fk_order_line_specification_id_specification"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_line")),
        sa.UniqueConstraint(
            "order_id", "specification_id", name=op.f("uq_order_line_order_id_specification_id")
        ),
    )
    with op.batch_alter_table("order_line", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_order_line_specification_id"), ["specification_id"], unique=False
        )

    op.create_table(
        "payment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "bank_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "journal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.Column("refunded_fen", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "NOT undone OR refunded_fen = 0", name=op.f("ck_payment_undone_unrefunded")
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_payment_some")),
        sa.CheckConstraint(
            "refunded_fen >= 0 AND refunded_fen <= amount_fen",
            name=op.f("ck_payment_refunded_within"),
        ),
        sa.ForeignKeyConstraint(
            ["bank_line_id"], ["bank_line.id"], name=op.f("fk_payment_bank_line_id_bank_line")
        ),
        sa.ForeignKeyConstraint(
            ["journal_id"], ["ledger_journal.id"], name=op.f("fk_payment_journal_id_ledger_journal")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["purchase_order.id"], name=op.f("fk_payment_order_id_purchase_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payment_public_id")),
    )
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_bank_line_id"), ["bank_line_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_journal_id"), ["journal_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_order_id"), ["order_id"], unique=False)

    op.create_table(
        "price_step",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "composition_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("from_units", sa.BigInteger(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("from_units > 1", name=op.f("ck_price_step_above_one")),
        sa.CheckConstraint("price_fen > 0", name=op.f("ck_price_step_costs_something")),
        sa.ForeignKeyConstraint(
            ["composition_id"],
            ["price_composition.id"],
            name=op.f("fk_price_step_composition_id_price_composition"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_step")),
        sa.UniqueConstraint(
            "composition_id", "from_units", name=op.f("uq_price_step_composition_id_from_units")
        ),
    )
    op.create_table(
        "recall_lot",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "recall_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("started", sa.Boolean(), nullable=False),
        sa.Column("left_grams", sa.BigInteger(), nullable=False),
        sa.Column("left_units", sa.BigInteger(), nullable=False),
        sa.Column("reserved_units", sa.BigInteger(), nullable=False),
        sa.Column("shipped_units", sa.BigInteger(), nullable=False),
        sa.Column("spared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("spared_because", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_recall_lot_lot_id_lot")),
        sa.ForeignKeyConstraint(
            ["recall_id"], ["recall.id"], name=op.f("fk_recall_lot_recall_id_recall")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_lot")),
        sa.UniqueConstraint("recall_id", "lot_id", name=op.f("uq_recall_lot_recall_id_lot_id")),
    )
    with op.batch_alter_table("recall_lot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recall_lot_lot_id"), ["lot_id"], unique=False)

    op.create_table(
        "recall_notice",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "recall_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "cooperative_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "state",
            sa.Enum(
                "told",
                "answered",
                "done",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("waiting_units", sa.BigInteger(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("holds", sa.BigInteger(), nullable=True),
        sa.Column("words", sa.String(), nullable=False),
        sa.CheckConstraint(
            "holds IS NULL OR (holds >= 0 AND holds <= units)",
            name=op.f("ck_recall_notice_holds_within"),
        ),
        sa.CheckConstraint(
            "units >= 0 AND waiting_units >= 0", name=op.f("ck_recall_notice_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"],
            ["organisation.id"],
            name=op.f("fk_recall_notice_cooperative_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["purchase_order.id"],
            name=op.f("fk_recall_notice_order_id_purchase_order"),
        ),
        sa.ForeignKeyConstraint(
            ["recall_id"], ["recall.id"], name=op.f("fk_recall_notice_recall_id_recall")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_notice")),
        sa.UniqueConstraint("public_id", name=op.f("uq_recall_notice_public_id")),
        sa.UniqueConstraint(
            "recall_id", "order_id", name=op.f("uq_recall_notice_recall_id_order_id")
        ),
    )
    with op.batch_alter_table("recall_notice", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_recall_notice_cooperative_id"), ["cooperative_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_recall_notice_order_id"), ["order_id"], unique=False)
        batch_op.create_index(
            "uq_recall_notice_cooperative",
            ["recall_id", "cooperative_id"],
            unique=True,
            sqlite_where=sa.text("order_id IS NULL"),
            postgresql_where=sa.text("order_id IS NULL"),
        )

    op.create_table(
        "settlement_lot",
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "posted",
                "left_out",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("share_version", sa.BigInteger(), nullable=False),
        sa.Column("revenue_fen", sa.BigInteger(), nullable=False),
        sa.Column("before_fen", sa.BigInteger(), nullable=False),
        sa.Column("items_before", sa.BigInteger(), nullable=False),
        sa.Column("weights_fen", sa.BigInteger(), nullable=False),
        sa.Column("falls", sa.Boolean(), nullable=False),
        sa.Column("households", sa.BigInteger(), nullable=False),
        sa.Column("change_fen", sa.BigInteger(), nullable=False),
        sa.Column("set_off_fen", sa.BigInteger(), nullable=False),
        sa.Column("second_payment_fen", sa.BigInteger(), nullable=False),
        sa.Column("recovered_fen", sa.BigInteger(), nullable=False),
        sa.Column("covered_fen", sa.BigInteger(), nullable=False),
        sa.Column("reserved_fen", sa.BigInteger(), nullable=False),
        sa.Column("from_reserve_fen", sa.BigInteger(), nullable=False),
        sa.Column("to_reserve_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "change_fen = set_off_fen + second_payment_fen + recovered_fen - covered_fen AND change_fen = revenue_fen - before_fen",
            name=op.f("ck_settlement_lot_adds_up"),
        ),
        sa.CheckConstraint(
            "reserved_fen >= 0 AND from_reserve_fen >= 0 AND from_reserve_fen <= covered_fen AND to_reserve_fen >= 0 AND to_reserve_fen <= recovered_fen",
            name=op.f("ck_settlement_lot_reserve_within"),
        ),
        sa.CheckConstraint(
            "revenue_fen >= 0 AND weights_fen <= 3037000499",
            name=op.f("ck_settlement_lot_can_be_shared"),
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_settlement_lot_lot_id_lot")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["settlement_run.id"], name=op.f("fk_settlement_lot_run_id_settlement_run")
        ),
        sa.PrimaryKeyConstraint("run_id", "lot_id", name=op.f("pk_settlement_lot")),
    )
    with op.batch_alter_table("settlement_lot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_settlement_lot_lot_id"), ["lot_id"], unique=False)

    op.create_table(
        "shipment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "carrier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("waybill", sa.String(length=64), nullable=False),
        sa.Column("parcels", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "sent",
                "arrived",
                "accepted",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("shipped_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["carrier_id"], ["organisation.id"], name=op.f("fk_shipment_carrier_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["purchase_order.id"], name=op.f("fk_shipment_order_id_purchase_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment")),
        sa.UniqueConstraint("number", name=op.f("uq_shipment_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_shipment_public_id")),
    )
    with op.batch_alter_table("shipment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shipment_carrier_id"), ["carrier_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_shipment_order_id"), ["order_id"], unique=False)

    op.create_table(
        "trace_scan",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_trace_scan_lot_id_lot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trace_scan")),
    )
    with op.batch_alter_table("trace_scan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_trace_scan_lot_id"), ["lot_id"], unique=False)

    op.create_table(
        "unit_loss",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("units > 0", name=op.f("ck_unit_loss_some")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_unit_loss_lot_id_lot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_loss")),
    )
    with op.batch_alter_table("unit_loss", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unit_loss_lot_id"), ["lot_id"], unique=False)

    op.create_table(
        "acceptance",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column(
            "shipment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "first_signed",
                "signed",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "first_signer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "second_signer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("first_signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("value_fen", sa.BigInteger(), nullable=False),
        sa.Column("receivable_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "first_signer_id <> second_signer_id", name=op.f("ck_acceptance_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["first_signer_id"],
            ["app_user.id"],
            name=op.f("fk_acceptance_first_signer_id_app_user"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["purchase_order.id"], name=op.f("fk_acceptance_order_id_purchase_order")
        ),
        sa.ForeignKeyConstraint(
            ["second_signer_id"],
            ["app_user.id"],
            name=op.f("fk_acceptance_second_signer_id_app_user"),
        ),
        sa.ForeignKeyConstraint(
            ["shipment_id"], ["shipment.id"], name=op.f("fk_acceptance_shipment_id_shipment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acceptance")),
        sa.UniqueConstraint("number", name=op.f("uq_acceptance_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_acceptance_public_id")),
    )
    with op.batch_alter_table("acceptance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_acceptance_order_id"), ["order_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_acceptance_shipment_id"), ["shipment_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_acceptance_signed_at"), ["signed_at"], unique=False)
        batch_op.create_index(
            "uq_acceptance_live",
            ["shipment_id"],
            unique=True,
            sqlite_where=sa.text("state <> 'withdrawn'"),
            postgresql_where=sa.text("state <> 'withdrawn'"),
        )

    op.create_table(
        "allocation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("cancelled_units", sa.BigInteger(), nullable=False),
        sa.Column("shipped_units", sa.BigInteger(), nullable=False),
        sa.Column("accepted_units", sa.BigInteger(), nullable=False),
        sa.Column("short_units", sa.BigInteger(), nullable=False),
        sa.Column("damaged_units", sa.BigInteger(), nullable=False),
        sa.Column("returned_units", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "units > 0 AND shipped_units >= 0 AND cancelled_units >= 0 AND shipped_units + cancelled_units <= units AND accepted_units >= 0 AND short_units >= 0 AND damaged_units >= 0 AND accepted_units + short_units + damaged_units <= shipped_units AND returned_units >= 0 AND returned_units <= accepted_units",
            name=op.f("ck_allocation_adds_up"),
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["order_line.id"], name=op.f("fk_allocation_line_id_order_line")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_allocation_lot_id_lot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation")),
        sa.UniqueConstraint("line_id", "lot_id", name=op.f("uq_allocation_line_id_lot_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_allocation_public_id")),
    )
    with op.batch_alter_table("allocation", schema=None) as batch_op:
        batch_op.create_index(
            "ix_allocation_of_lot",
            ["lot_id", "units", "cancelled_units", "shipped_units", "short_units", "damaged_units"],
            unique=False,
        )

    op.create_table(
        "code",
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("serial", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column(
            "allocation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("box_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(seen = 0) = (first_seen_at IS NULL)", name=op.f("ck_code_seen_since_then")
        ),
        sa.CheckConstraint(
            "box_id IS NULL OR allocation_id IS NOT NULL", name=op.f("ck_code_boxed_of_a_lot")
        ),
        sa.CheckConstraint("serial > 0", name=op.f("ck_code_serial_above_zero")),
        sa.ForeignKeyConstraint(
            ["allocation_id"],
            ["code_allocation.id"],
            name=op.f("fk_code_allocation_id_code_allocation"),
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["code_batch.id"], name=op.f("fk_code_batch_id_code_batch")
        ),
        sa.ForeignKeyConstraint(["box_id"], ["box.id"], name=op.f("fk_code_box_id_box")),
        sa.PrimaryKeyConstraint("batch_id", "serial", name=op.f("pk_code")),
        sa.UniqueConstraint("digest", name=op.f("uq_code_digest")),
    )
    with op.batch_alter_table("code", schema=None) as batch_op:
        batch_op.create_index(
            "ix_code_box_id",
            ["box_id"],
            unique=False,
            sqlite_where=sa.text("box_id IS NOT NULL"),
            postgresql_where=sa.text("box_id IS NOT NULL"),
        )

    op.create_table(
        "label_print",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "allocation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("paper", sa.String(length=16), nullable=False),
        sa.Column("first_serial", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("skip", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "first_serial > 0 AND count > 0 AND skip >= 0", name=op.f("ck_label_print_is_a_range")
        ),
        sa.ForeignKeyConstraint(
            ["allocation_id"],
            ["code_allocation.id"],
            name=op.f("fk_label_print_allocation_id_code_allocation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_print")),
        sa.UniqueConstraint("public_id", name=op.f("uq_label_print_public_id")),
    )
    with op.batch_alter_table("label_print", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_label_print_allocation_id"), ["allocation_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_label_print_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "recall_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "notice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "fate",
            sa.Enum(
                "contacted",
                "returned",
                "destroyed",
                "kept",
                "unreached",
                name="fate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "phone",
                "letter",
                "visit",
                "page",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_name", sa.String(length=64), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "(fate = 'contacted') = (units = 0)", name=op.f("ck_recall_entry_contact_counts_none")
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["app_user.id"], name=op.f("fk_recall_entry_by_id_app_user")
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"],
            ["recall_notice.id"],
            name=op.f("fk_recall_entry_notice_id_recall_notice"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_entry")),
    )
    with op.batch_alter_table("recall_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recall_entry_notice_id"), ["notice_id"], unique=False)

    op.create_table(
        "refund",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "bank_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("about", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(order_id IS NULL) <> (bank_line_id IS NULL)", name=op.f("ck_refund_one_origin")
        ),
        sa.CheckConstraint(
            "(order_id IS NULL) = (payment_id IS NULL)", name=op.f("ck_refund_gives_back_a_payment")
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_refund_some")),
        sa.ForeignKeyConstraint(
            ["bank_line_id"], ["bank_line.id"], name=op.f("fk_refund_bank_line_id_bank_line")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["purchase_order.id"], name=op.f("fk_refund_order_id_purchase_order")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_refund_payment_id_payment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("number", name=op.f("uq_refund_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_refund_public_id")),
    )
    with op.batch_alter_table("refund", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_refund_bank_line_id"), ["bank_line_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_refund_order_id"), ["order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_refund_payment_id"), ["payment_id"], unique=False)

    op.create_table(
        "share_correction",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column(
            "delivery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("version > 1", name=op.f("ck_share_correction_first_is_no_correction")),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name=op.f("fk_share_correction_delivery_id_delivery")
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["lot.id"], name=op.f("fk_share_correction_lot_id_lot")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_correction")),
        sa.UniqueConstraint("lot_id", "version", name=op.f("uq_share_correction_lot_id_version")),
    )
    with op.batch_alter_table("share_correction", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_share_correction_delivery_id"), ["delivery_id"], unique=False
        )

    op.create_table(
        "acceptance_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "acceptance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "allocation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("households_fen", sa.BigInteger(), nullable=False),
        sa.Column("accepted_units", sa.BigInteger(), nullable=False),
        sa.Column("short_units", sa.BigInteger(), nullable=False),
        sa.Column("damaged_units", sa.BigInteger(), nullable=False),
        sa.Column("returned_units", sa.BigInteger(), nullable=False),
        sa.Column("asked_units", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint(
            "accepted_units >= 0 AND short_units >= 0 AND damaged_units >= 0 AND accepted_units + short_units + damaged_units > 0",
            name=op.f("ck_acceptance_line_counts_units"),
        ),
        sa.CheckConstraint(
            "returned_units >= 0 AND asked_units >= 0 AND returned_units + asked_units <= accepted_units",
            name=op.f("ck_acceptance_line_returned_within"),
        ),
        sa.ForeignKeyConstraint(
            ["acceptance_id"],
            ["acceptance.id"],
            name=op.f("fk_acceptance_line_acceptance_id_acceptance"),
        ),
        sa.ForeignKeyConstraint(
            ["allocation_id"],
            ["allocation.id"],
            name=op.f("fk_acceptance_line_allocation_id_allocation"),
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_acceptance_line_lot_id_lot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acceptance_line")),
        sa.UniqueConstraint(
            "acceptance_id",
            "allocation_id",
            name=op.f("uq_acceptance_line_acceptance_id_allocation_id"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_acceptance_line_public_id")),
    )
    with op.batch_alter_table("acceptance_line", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_acceptance_line_allocation_id"), ["allocation_id"], unique=False
        )
        batch_op.create_index(
            "ix_acceptance_line_earned",
            ["lot_id", "acceptance_id", "households_fen", "accepted_units", "returned_units"],
            unique=False,
        )

    op.create_table(
        "cancellation_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "cancellation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "allocation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("units > 0", name=op.f("ck_cancellation_line_some")),
        sa.ForeignKeyConstraint(
            ["allocation_id"],
            ["allocation.id"],
            name=op.f("fk_cancellation_line_allocation_id_allocation"),
        ),
        sa.ForeignKeyConstraint(
            ["cancellation_id"],
            ["cancellation.id"],
            name=op.f("fk_cancellation_line_cancellation_id_cancellation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cancellation_line")),
        sa.UniqueConstraint(
            "cancellation_id",
            "allocation_id",
            name=op.f("uq_cancellation_line_cancellation_id_allocation_id"),
        ),
    )
    with op.batch_alter_table("cancellation_line", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_cancellation_line_allocation_id"), ["allocation_id"], unique=False
        )

    op.create_table(
        "goods_return",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column(
            "acceptance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("value_fen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["acceptance_id"],
            ["acceptance.id"],
            name=op.f("fk_goods_return_acceptance_id_acceptance"),
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["app_user.id"], name=op.f("fk_goods_return_by_id_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goods_return")),
        sa.UniqueConstraint("number", name=op.f("uq_goods_return_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_goods_return_public_id")),
    )
    with op.batch_alter_table("goods_return", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_goods_return_acceptance_id"), ["acceptance_id"], unique=False
        )

    op.create_table(
        "interest_payment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "bank_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "acceptance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "journal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("accrued_fen", sa.BigInteger(), nullable=False),
        sa.Column("paid_before_fen", sa.BigInteger(), nullable=False),
        sa.Column("upto", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "amount_fen > 0 AND paid_before_fen >= 0", name=op.f("ck_interest_payment_some")
        ),
        sa.CheckConstraint(
            "paid_before_fen + amount_fen <= accrued_fen",
            name=op.f("ck_interest_payment_within_accrued"),
        ),
        sa.ForeignKeyConstraint(
            ["acceptance_id"],
            ["acceptance.id"],
            name=op.f("fk_interest_payment_acceptance_id_acceptance"),
        ),
        sa.ForeignKeyConstraint(
            ["bank_line_id"],
            ["bank_line.id"],
            name=op.f("fk_interest_payment_bank_line_id_bank_line"),
        ),
        sa.ForeignKeyConstraint(
            ["journal_id"],
            ["ledger_journal.id"],
            name=op.f("fk_interest_payment_journal_id_ledger_journal"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interest_payment")),
        sa.UniqueConstraint("journal_id", name=op.f("uq_interest_payment_journal_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_interest_payment_public_id")),
    )
    with op.batch_alter_table("interest_payment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_interest_payment_acceptance_id"), ["acceptance_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_interest_payment_bank_line_id"), ["bank_line_id"], unique=False
        )

    op.create_table(
        "label_file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("print_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("part", sa.BigInteger(), nullable=False),
        sa.Column("first_serial", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["print_id"], ["label_print.id"], name=op.f("fk_label_file_print_id_label_print")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_file")),
        sa.UniqueConstraint("print_id", "part", name=op.f("uq_label_file_print_id_part")),
    )
    op.create_table(
        "payment_answer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "acceptance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "promise",
                "dispute",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "(kind = 'dispute') = (amount_fen IS NOT NULL) AND (amount_fen IS NULL OR amount_fen > 0)",
            name=op.f("ck_payment_answer_disputes_an_amount"),
        ),
        sa.CheckConstraint(
            "(kind = 'promise') = (promised_on IS NOT NULL)",
            name=op.f("ck_payment_answer_promises_a_day"),
        ),
        sa.ForeignKeyConstraint(
            ["acceptance_id"],
            ["acceptance.id"],
            name=op.f("fk_payment_answer_acceptance_id_acceptance"),
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["app_user.id"], name=op.f("fk_payment_answer_by_id_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_answer")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payment_answer_public_id")),
    )
    with op.batch_alter_table("payment_answer", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_payment_answer_acceptance_id"), ["acceptance_id"], unique=False
        )

    op.create_table(
        "payment_reminder_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "reminder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "acceptance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "before",
                "on_day",
                "first",
                "second",
                "last",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("for_day", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("open_fen", sa.BigInteger(), nullable=False),
        sa.Column("interest_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(kind IS NULL) = (for_day IS NULL)", name=op.f("ck_payment_reminder_line_for_a_day")
        ),
        sa.CheckConstraint(
            "open_fen > 0 AND interest_fen >= 0",
            name=op.f("ck_payment_reminder_line_asks_for_something"),
        ),
        sa.ForeignKeyConstraint(
            ["acceptance_id"],
            ["acceptance.id"],
            name=op.f("fk_payment_reminder_line_acceptance_id_acceptance"),
        ),
        sa.ForeignKeyConstraint(
            ["reminder_id"],
            ["payment_reminder.id"],
            name=op.f("fk_payment_reminder_line_reminder_id_payment_reminder"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_reminder_line")),
        sa.UniqueConstraint(
            "acceptance_id", "for_day", name=op.f("uq_payment_reminder_line_acceptance_id_for_day")
        ),
        sa.UniqueConstraint(
            "reminder_id",
            "acceptance_id",
            name=op.f("uq_payment_reminder_line_reminder_id_acceptance_id"),
        ),
    )
    op.create_table(
        "payout_item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("reference", sa.String(length=9), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "household",
                "cooperative",
                "carrier",
                "refund",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "in_transit",
                "unknown",
                "confirmed",
                "failed",
                "returned",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("payee_id", sa.BigInteger(), nullable=False),
        sa.Column("refund_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "paid_from_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "bank_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "returned_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("number_last4", sa.String(length=4), nullable=False),
        sa.Column("number_digest", sa.String(length=64), nullable=False),
        sa.Column("bank", sa.String(length=64), nullable=False),
        sa.Column("cnaps", sa.String(length=12), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(length=64), nullable=False),
        sa.Column("flags", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "retries_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.CheckConstraint(
            "(kind = 'refund') = (refund_id IS NOT NULL)", name=op.f("ck_payout_item_refund_named")
        ),
        sa.CheckConstraint(
            "(state = 'returned') = (returned_line_id IS NOT NULL)",
            name=op.f("ck_payout_item_returned_by_a_line"),
        ),
        sa.CheckConstraint(
            "(account_id IS NULL) <> (paid_from_id IS NULL)",
            name=op.f("ck_payout_item_one_account"),
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_payout_item_some")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["payee_account.id"],
            name=op.f("fk_payout_item_account_id_payee_account"),
        ),
        sa.ForeignKeyConstraint(
            ["bank_line_id"], ["bank_line.id"], name=op.f("fk_payout_item_bank_line_id_bank_line")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["payout_batch.id"], name=op.f("fk_payout_item_batch_id_payout_batch")
        ),
        sa.ForeignKeyConstraint(
            ["paid_from_id"], ["bank_line.id"], name=op.f("fk_payout_item_paid_from_id_bank_line")
        ),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["refund.id"], name=op.f("fk_payout_item_refund_id_refund")
        ),
        sa.ForeignKeyConstraint(
            ["retries_id"], ["payout_item.id"], name=op.f("fk_payout_item_retries_id_payout_item")
        ),
        sa.ForeignKeyConstraint(
            ["returned_line_id"],
            ["bank_line.id"],
            name=op.f("fk_payout_item_returned_line_id_bank_line"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_item")),
        sa.UniqueConstraint("batch_id", "position", name=op.f("uq_payout_item_batch_id_position")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payout_item_public_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_payout_item_reference")),
    )
    with op.batch_alter_table("payout_item", schema=None) as batch_op:
        batch_op.create_index(
            "ix_payout_item_came_back",
            ["kind", "payee_id"],
            unique=False,
            sqlite_where=sa.text("state IN ('failed', 'returned')"),
            postgresql_where=sa.text("state IN ('failed', 'returned')"),
        )
        batch_op.create_index(batch_op.f("ix_payout_item_payee_id"), ["payee_id"], unique=False)
        batch_op.create_index(
            "ix_payout_item_refund",
            ["refund_id"],
            unique=False,
            sqlite_where=sa.text("refund_id IS NOT NULL"),
            postgresql_where=sa.text("refund_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_payout_item_undecided",
            ["batch_id"],
            unique=False,
            sqlite_where=sa.text("state IN ('in_transit', 'unknown')"),
            postgresql_where=sa.text("state IN ('in_transit', 'unknown')"),
        )
        batch_op.create_index(
            "uq_payout_item_in_flight",
            ["kind", "payee_id"],
            unique=True,
            sqlite_where=sa.text(
                "state IN ('draft', 'in_transit', 'unknown') AND kind <> 'refund'"
            ),
            postgresql_where=sa.text(
                "state IN ('draft', 'in_transit', 'unknown') AND kind <> 'refund'"
            ),
        )
        batch_op.create_index(
            "uq_payout_item_line",
            ["bank_line_id"],
            unique=True,
            sqlite_where=sa.text("bank_line_id IS NOT NULL"),
            postgresql_where=sa.text("bank_line_id IS NOT NULL"),
        )
        batch_op.create_index(
            "uq_payout_item_refund",
            ["refund_id"],
            unique=True,
            sqlite_where=sa.text(
                "kind = 'refund' AND state NOT IN ('failed', 'returned', 'withdrawn')"
            ),
            postgresql_where=sa.text(
                "kind = 'refund' AND state NOT IN ('failed', 'returned', 'withdrawn')"
            ),
        )
        batch_op.create_index(
            "uq_payout_item_retries",
            ["retries_id"],
            unique=True,
            sqlite_where=sa.text("retries_id IS NOT NULL"),
            postgresql_where=sa.text("retries_id IS NOT NULL"),
        )
        batch_op.create_index(
            "uq_payout_item_returned",
            ["returned_line_id"],
            unique=True,
            sqlite_where=sa.text("returned_line_id IS NOT NULL"),
            postgresql_where=sa.text("returned_line_id IS NOT NULL"),
        )

    op.create_table(
        "receivable_term",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "acceptance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("accepted_on", sa.Date(), nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("overdue_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remind_before_days", sa.BigInteger(), nullable=False),
        sa.Column("remind_every_days", sa.BigInteger(), nullable=False),
        sa.Column("second_after_days", sa.BigInteger(), nullable=False),
        sa.Column("last_after_days", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "due_on > accepted_on AND days > 0", name=op.f("ck_receivable_term_runs")
        ),
        sa.CheckConstraint(
            "remind_before_days > 0 AND remind_every_days > 0 AND second_after_days > 0 AND second_after_days < last_after_days",
            name=op.f("ck_receivable_term_reminds"),
        ),
        sa.ForeignKeyConstraint(
            ["acceptance_id"],
            ["acceptance.id"],
            name=op.f("fk_receivable_term_acceptance_id_acceptance"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receivable_term")),
        sa.UniqueConstraint("acceptance_id", name=op.f("uq_receivable_term_acceptance_id")),
    )
    with op.batch_alter_table("receivable_term", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_receivable_term_due_on"), ["due_on"], unique=False)

    op.create_table(
        "refund_account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "refund_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "confirmed",
                "declined",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("number_sealed", sa.String(), nullable=False),
        sa.Column("number_last4", sa.String(length=4), nullable=False),
        sa.Column("bank", sa.String(length=64), nullable=False),
        sa.Column("cnaps", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(length=128), nullable=False),
        sa.Column("media_type", sa.String(length=64), nullable=False),
        sa.Column("proof_sealed", sa.String(), nullable=False),
        sa.Column("proposed_by", sa.String(length=64), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'confirmed') = (account_id IS NOT NULL)",
            name=op.f("ck_refund_account_confirmed"),
        ),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_at IS NULL)", name=op.f("ck_refund_account_decided")
        ),
        sa.CheckConstraint(
            "(state = 'proposed') = (number_sealed <> '')",
            name=op.f("ck_refund_account_sealed_while_open"),
        ),
        sa.CheckConstraint("length(number_last4) = 4", name=op.f("ck_refund_account_last_four")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["payee_account.id"],
            name=op.f("fk_refund_account_account_id_payee_account"),
        ),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["refund.id"], name=op.f("fk_refund_account_refund_id_refund")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_account")),
        sa.UniqueConstraint("public_id", name=op.f("uq_refund_account_public_id")),
    )
    with op.batch_alter_table("refund_account", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_refund_account_refund_id"), ["refund_id"], unique=False
        )
        batch_op.create_index(
            "uq_refund_account_waiting",
            ["refund_id"],
            unique=True,
            sqlite_where=sa.text("state = 'proposed'"),
            postgresql_where=sa.text("state = 'proposed'"),
        )

    op.create_table(
        "shipment_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "shipment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "allocation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("units > 0", name=op.f("ck_shipment_line_some")),
        sa.ForeignKeyConstraint(
            ["allocation_id"],
            ["allocation.id"],
            name=op.f("fk_shipment_line_allocation_id_allocation"),
        ),
        sa.ForeignKeyConstraint(
            ["shipment_id"], ["shipment.id"], name=op.f("fk_shipment_line_shipment_id_shipment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment_line")),
        sa.UniqueConstraint(
            "shipment_id", "allocation_id", name=op.f("uq_shipment_line_shipment_id_allocation_id")
        ),
    )
    with op.batch_alter_table("shipment_line", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_shipment_line_allocation_id"), ["allocation_id"], unique=False
        )

    op.create_table(
        "goods_return_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "return_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "acceptance_line_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("restocked_units", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("written_off_units", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "restocked_units >= 0 AND written_off_units >= 0 AND restocked_units + written_off_units <= units",
            name=op.f("ck_goods_return_line_inspected_within"),
        ),
        sa.CheckConstraint("units > 0", name=op.f("ck_goods_return_line_some")),
        sa.ForeignKeyConstraint(
            ["acceptance_line_id"],
            ["acceptance_line.id"],
            name=op.f("fk_goods_return_line_acceptance_line_id_acceptance_line"),
        ),
        sa.ForeignKeyConstraint(
            ["return_id"],
            ["goods_return.id"],
            name=op.f("fk_goods_return_line_return_id_goods_return"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goods_return_line")),
        sa.UniqueConstraint(
            "return_id",
            "acceptance_line_id",
            name=op.f("uq_goods_return_line_return_id_acceptance_line_id"),
        ),
    )
    with op.batch_alter_table("goods_return_line", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_goods_return_line_acceptance_line_id"),
            ["acceptance_line_id"],
            unique=False,
        )

    op.create_table(
        "result_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "result_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "paid",
                "refused",
                "processing",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["item_id"], ["payout_item.id"], name=op.f("fk_result_line_item_id_payout_item")
        ),
        sa.ForeignKeyConstraint(
            ["result_id"], ["result_file.id"], name=op.f("fk_result_line_result_id_result_file")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_line")),
        sa.UniqueConstraint("result_id", "item_id", name=op.f("uq_result_line_result_id_item_id")),
    )
    with op.batch_alter_table("result_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_result_line_item_id"), ["item_id"], unique=False)

    op.create_table(
        "return_request",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "public_id",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column(
            "acceptance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "agreed",
                "sent",
                "done",
                "refused",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("waybill", sa.String(length=64), nullable=False),
        sa.Column("return_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "state <> 'done' OR return_id IS NOT NULL",
            name=op.f("ck_return_request_done_by_a_return"),
        ),
        sa.ForeignKeyConstraint(
            ["acceptance_id"],
            ["acceptance.id"],
            name=op.f("fk_return_request_acceptance_id_acceptance"),
        ),
        sa.ForeignKeyConstraint(
            ["return_id"],
            ["goods_return.id"],
            name=op.f("fk_return_request_return_id_goods_return"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_request")),
        sa.UniqueConstraint("number", name=op.f("uq_return_request_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_return_request_public_id")),
        sa.UniqueConstraint("return_id", name=op.f("uq_return_request_return_id")),
    )
    with op.batch_alter_table("return_request", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_return_request_acceptance_id"), ["acceptance_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_return_request_state"), ["state"], unique=False)

    op.create_table(
        "return_request_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "request_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "acceptance_line_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("units > 0", name=op.f("ck_return_request_line_some")),
        sa.ForeignKeyConstraint(
            ["acceptance_line_id"],
            ["acceptance_line.id"],
            name=op.f("fk_return_request_line_acceptance_line_id_acceptance_line"),
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["return_request.id"],
            name=op.f("fk_return_request_line_request_id_return_request"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_request_line")),
        sa.UniqueConstraint(
            "request_id",
            "acceptance_line_id",
            name=op.f("uq_return_request_line_request_id_acceptance_line_id"),
        ),
    )
    with op.batch_alter_table("return_request_line", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_return_request_line_acceptance_line_id"),
            ["acceptance_line_id"],
            unique=False,
        )

    dialect = op.get_bind().dialect.name
    for statement in triggers.of_all(APPEND_ONLY, dialect):
        op.execute(statement)
    plain = [sa.column(name) for name in BANK_LAYOUTS[0] if name != "added_at"]
    added_at = sa.column("added_at", sa.DateTime(timezone=True))
    op.bulk_insert(sa.table("bank_layout", *plain, added_at), BANK_LAYOUTS)
