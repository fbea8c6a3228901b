"""Reading CAMT.053 (ISO 20022 bank-to-customer statement), several statements in one file allowed.

Only what is booked counts. A document type or an entity is refused before anything is read: a
statement needs neither, and they are how an XML file reaches other files or grows without end.

Rule: docs/money.md, “Money in”.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from orders.payments.formats.files import (
    Names,
    StatementFile,
    StatementLine,
    Stretch,
    chained,
    checked,
    read_amount,
    read_time,
    too_long,
)
from orders.payments.formats.sheets import Fault, FileRefused, Problem
from orders.payments.states import FileFormat
from shop.core.clock import SHANGHAI
from shop.core.money import ZERO, Money

NAMES = Names(time="BookgDt", balance="Amt", serial="AcctSvcrRef")

_LINE = "{line}"
_NAMESPACE = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.\d{2}\}Document")


def looks_like(content: bytes) -> bool:
    """Whether a file is XML of some kind, by its first bytes."""
    return content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def read(content: bytes) -> StatementFile:
    """Read a CAMT.053 file whole.

    Raises:
        FileRefused: it declares a type or entities, is no CAMT.053, of another currency or two
            accounts, or does not add up.
    """
    root = _root(content)
    faults: list[Fault] = []
    if not _NAMESPACE.fullmatch(root.tag):
        raise FileRefused([Fault(1, "", Problem.CAMT, root.tag[:80])])
    space = root.tag.removesuffix("Document")
    statements = root.findall(f"{space}BkToCstmrStmt/{space}Stmt")
    if not statements:
        raise FileRefused([Fault(1, "", Problem.CAMT)])
    pending = 0
    dated = []
    for statement in statements:
        entries, waiting = _entries(statement, space, faults)
        pending += waiting
        dated.append(_stretch(statement, space, entries, faults))
    if faults:
        raise FileRefused(faults)
    dated.sort(key=lambda pair: pair[0])
    lines = chained([stretch for _day, stretch in dated], "OPBD", "CLBD")
    return checked(content, lines, NAMES, FileFormat.CAMT, pending=pending)


def _root(content: bytes) -> Element:
    where: list[Callable[[], int]] = []

    class Numbered(TreeBuilder):
        """Notes for each element on which line it begins."""

        def start(self, tag: Any, attrs: Any) -> Element:
            element = super().start(tag, attrs)
            element.set(_LINE, str(where[0]()))
            return element

    parser = DefusedXMLParser(target=Numbered(), forbid_dtd=True)
    where.append(lambda: int(parser.parser.CurrentLineNumber))
    try:
        parser.feed(content)
        root = parser.close()
    except DefusedXmlException:
        raise FileRefused([Fault(where[0](), "", Problem.XML_UNSAFE)]) from None
    except (ParseError, ValueError, LookupError):
        raise FileRefused([Fault(where[0](), "", Problem.XML)]) from None
    assert isinstance(root, Element)
    return root


def _stretch(
    statement: Element, space: str, entries: list[StatementLine], faults: list[Fault]
) -> tuple[datetime, Stretch]:
    opening = _balance(statement, space, ("OPBD", "PRCD"), faults)
    closing = _balance(statement, space, ("CLBD",), faults)
    named = statement.find(_path(space, "Acct/Id"))
    texts = [_text(part) for part in named.iter()] if named is not None else []
    account = next((text for text in texts if text), "")
    return opening[0], Stretch(
        line=opening[2],
        end=closing[2],
        account=account,
        opening=opening[1],
        closing=closing[1],
        entries=tuple(entries),
    )


def _balance(
    statement: Element, space: str, codes: tuple[str, ...], faults: list[Fault]
) -> tuple[datetime, Money, int]:
    """Day, amount and line of the first balance of one of these codes."""
    by_code = {
        _at(balance, space, "Tp/CdOrPrtry/Cd"): balance
        for balance in statement.findall(f"{space}Bal")
    }
    balance = next((by_code[code] for code in codes if code in by_code), None)
    if balance is None:
        faults.append(Fault(_line_of(statement), codes[0], Problem.BALANCE))
        return datetime.min.replace(tzinfo=SHANGHAI), ZERO, _line_of(statement)
    line = _line_of(balance)
    amount = _amount(balance, space, line, codes[0], faults)
    day = read_time((_at(balance, space, "Dt/Dt") or _at(balance, space, "Dt/DtTm"))[:10])
    if day is None:
        faults.append(Fault(line, codes[0], Problem.TIME))
        day = datetime.min.replace(tzinfo=SHANGHAI)
    return day, amount, line


def _entries(
    statement: Element, space: str, faults: list[Fault]
) -> tuple[list[StatementLine], int]:
    """The booked entries of one statement, and how many are only announced."""
    lines, pending = [], 0
    for entry in statement.findall(f"{space}Ntry"):
        status = _at(entry, space, "Sts/Cd") or _at(entry, space, "Sts")
        if status == "PDNG":
            pending += 1
        elif status == "BOOK":
            lines.append(_line(entry, space, faults))
        elif status != "INFO":
            faults.append(Fault(_line_of(entry), "Sts", Problem.CAMT, status))
    return [line for line in lines if line is not None], pending


def _line(entry: Element, space: str, faults: list[Fault]) -> StatementLine | None:
    line = _line_of(entry)
    before = len(faults)
    amount = _amount(entry, space, line, "Amt", faults)
    if not amount and len(faults) == before:
        faults.append(Fault(line, "Amt", Problem.AMOUNT, "0"))
    day = _moment(_at(entry, space, "BookgDt/DtTm")) or read_time(
        _at(entry, space, "BookgDt/Dt")[:10]
    )
    if day is None:
        faults.append(Fault(line, "BookgDt", Problem.TIME))
    if len(faults) > before:
        return None
    assert day is not None
    side = "Dbtr" if amount > ZERO else "Cdtr"
    parties = f"NtryDtls/TxDtls/RltdPties/{side}"
    memos = [_text(found) for found in entry.findall(_path(space, "NtryDtls/TxDtls/RmtInf/Ustrd"))]
    read_line = StatementLine(
        line=line,
        at=day,
        amount=amount,
        balance=amount,
        counterparty=_at(entry, space, f"{parties}/Nm") or _at(entry, space, f"{parties}/Pty/Nm"),
        account=_at(entry, space, f"{parties}Acct/Id/IBAN")
        or _at(entry, space, f"{parties}Acct/Id/Othr/Id"),
        memo=" ".join(memos) or _at(entry, space, "AddtlNtryInf"),
        serial=_at(entry, space, "AcctSvcrRef"),
    )
    faults.extend(too_long(read_line))
    return read_line


def _amount(element: Element, space: str, line: int, name: str, faults: list[Fault]) -> Money:
    """An amount above or at zero with its own sign word; anything else is a fault, and zero."""
    found = element.find(f"{space}Amt")
    sign = {"CRDT": 1, "DBIT": -1}.get(_at(element, space, "CdtDbtInd"))
    amount = read_amount(_text(found))
    if found is not None and found.get("Ccy") != "CNY":
        faults.append(Fault(line, name, Problem.CURRENCY, found.get("Ccy") or ""))
    elif amount is None or amount < ZERO:
        faults.append(Fault(line, name, Problem.AMOUNT, _text(found)[:40]))
    elif sign is None:
        faults.append(Fault(line, "CdtDbtInd", Problem.DIRECTION))
    else:
        return amount * sign
    return ZERO


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def _path(space: str, path: str) -> str:
    return "/".join(f"{space}{step}" for step in path.split("/"))


def _at(element: Element, space: str, path: str) -> str:
    return _text(element.find(_path(space, path)))


def _text(element: Element | None) -> str:
    return " ".join((element.text or "").split()) if element is not None else ""


def _line_of(element: Element) -> int:
    return int(element.get(_LINE, "1"))
