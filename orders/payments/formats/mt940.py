"""Reading MT940 (SWIFT's customer statement message), several statements in one file allowed.

The library `mt-940` splits the tags. Signs of reversals (RC, RD) are right only with its options
switched on, and it tells no line numbers; both are seen to here.

Rule: docs/money.md, “Money in”.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any

import mt940

from orders.payments.formats.files import (
    Names,
    StatementFile,
    StatementLine,
    Stretch,
    chained,
    checked,
    too_long,
)
from orders.payments.formats.sheets import Fault, FileRefused, Problem, decode
from orders.payments.states import FileFormat
from shop.core.clock import SHANGHAI
from shop.core.money import Money, yuan

NAMES = Names(time=":61:", balance=":61:", serial=":61://")

_FIRST = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*(?:\{1:|:20:)")
_TAG = re.compile(r"^:(\d{2}[A-Z]?):", re.MULTILINE)
_NO_REFERENCE = "NONREF"


def looks_like(content: bytes) -> bool:
    """Whether a file is MT940, by its first bytes."""
    return _FIRST.match(content[:64]) is not None


def read(content: bytes) -> StatementFile:
    """Read an MT940 file whole.

    Raises:
        FileRefused: it is not MT940, of another currency, of two accounts, or does not add up.
    """
    text = decode(content).replace("\r\n", "\n")
    entries, starts, ends = _places(text)
    try:
        statements = mt940.parse_statements(text, options=mt940.Options.all())
    except (RuntimeError, ValueError, ArithmeticError, KeyError, TypeError, AttributeError):
        raise FileRefused([Fault(starts[0] if starts else 1, "", Problem.MT940)]) from None
    found = sum(len(statement.transactions) for statement in statements)
    if not statements or found != len(entries) or not len(statements) == len(starts) == len(ends):
        raise FileRefused([Fault(starts[0] if starts else 1, "", Problem.MT940)])
    faults: list[Fault] = []
    stretches = []
    rest = iter(entries)
    for statement, start, end in zip(statements, starts, ends, strict=True):
        data = statement.data
        lines = [
            _line(next(rest), transaction.data, faults) for transaction in statement.transactions
        ]
        stretches.append(
            Stretch(
                line=start,
                end=end,
                account=str(data.get("account_identification") or ""),
                opening=_balance(data, "opening", start, faults),
                closing=_balance(data, "closing", end, faults),
                entries=tuple(line for line in lines if line is not None),
            )
        )
    if faults:
        raise FileRefused(faults)
    return checked(content, chained(stretches, ":60F:", ":62F:"), NAMES, FileFormat.MT940)


def _places(text: str) -> tuple[list[int], list[int], list[int]]:
    """Lines of the entries, of the opening and of the closing balances, as the file counts them."""
    entries, starts, ends = [], [], []
    line, seen = 1, 0
    for tag in _TAG.finditer(text):
        line += text.count("\n", seen, tag.start())
        seen = tag.start()
        if tag[1] == "61":
            entries.append(line)
        elif tag[1].startswith("60"):
            starts.append(line)
        elif tag[1].startswith("62"):
            ends.append(line)
    return entries, starts, ends


def _balance(data: dict[str, Any], which: str, line: int, faults: list[Fault]) -> Money:
    # F is the statement's own balance, M that of one of its pages.
    found = data.get(f"final_{which}_balance") or data.get(f"intermediate_{which}_balance")
    amount = _amount(found.amount.amount) if found else None
    if found is None or amount is None:
        faults.append(Fault(line, f":6{0 if which == 'opening' else 2}F:", Problem.BALANCE))
        return Money(0)
    if found.amount.currency != "CNY":
        faults.append(Fault(line, "", Problem.CURRENCY, str(found.amount.currency)))
    return amount


def _line(line: int, data: dict[str, Any], faults: list[Fault]) -> StatementLine | None:
    day = data.get("entry_date") or data.get("date")
    amount = _amount(data["amount"].amount) if data.get("amount") is not None else None
    if not isinstance(day, date):
        faults.append(Fault(line, ":61:", Problem.TIME))
        return None
    if not amount:
        faults.append(Fault(line, ":61:", Problem.AMOUNT, str(data.get("amount"))))
        return None
    reference = (data.get("bank_reference") or "").strip()
    memo = data.get("purpose") or data.get("transaction_details") or ""
    read_line = StatementLine(
        line=line,
        at=datetime.combine(day, time(), SHANGHAI),
        amount=amount,
        balance=amount,
        counterparty=_text(data.get("applicant_name")),
        account=_text(data.get("applicant_iban")),
        memo=_text(f"{memo} {data.get('extra_details') or ''}"),
        serial="" if reference == _NO_REFERENCE else reference,
    )
    faults.extend(too_long(read_line))
    return read_line


def _amount(number: Any) -> Money | None:
    try:
        return yuan(f"{number:f}")
    except ValueError:
        return None


def _text(value: Any) -> str:
    return " ".join(str(value or "").split())
