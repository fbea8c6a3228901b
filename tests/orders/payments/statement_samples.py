"""Statements in other formats than the demo bank's, shaped like official ones; all is invented."""

from __future__ import annotations

from collections.abc import Sequence

ACCOUNT = "36050181010000001234"


def mt940(*days: tuple[str, str, Sequence[str]], opening: str = "CNY1000000,00") -> str:
    """An MT940 file: per day (YYMMDD, closing balance, entries as tags)."""
    parts = []
    for number, (day, closing, entries) in enumerate(days, start=1):
        parts += [
            ":20:SHANHUO",
            f":25:{ACCOUNT}",
            f":28C:{number:05d}/001",
            f":60F:C{day}{opening}",
            *entries,
            f":62F:C{day}{closing}",
            "-",
        ]
        opening = closing
    return "\r\n".join(parts) + "\r\n"


def entry(amount: str, *, side: str = "CRDT", status: str = "<Sts><Cd>BOOK</Cd></Sts>",
          reference: str = "A1", memo: str = "货款", currency: str = "CNY",
          name: str = "县直机关工会", day: str = "2026-04-20") -> str:  # fmt: skip
    """One entry of a CAMT.053 statement."""
    party = "Dbtr" if side == "CRDT" else "Cdtr"
    return f"""
      <Ntry>
        <Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>{status}
        <BookgDt><Dt>{day}</Dt></BookgDt><AcctSvcrRef>{reference}</AcctSvcrRef>
        <NtryDtls><TxDtls>
          <RltdPties><{party}><Pty><Nm>{name}</Nm></Pty></{party}>
            <{party}Acct><Id><Othr><Id>{ACCOUNT}</Id></Othr></Id></{party}Acct></RltdPties>
          <RmtInf><Ustrd>{memo}</Ustrd></RmtInf>
        </TxDtls></NtryDtls>
      </Ntry>"""


def stretch(opening: str, closing: str, *entries: str, account: str = ACCOUNT,
            day: str = "2026-04-20") -> str:  # fmt: skip
    """One statement of a CAMT.053 file, between two booked balances."""

    def balance(code: str, amount: str) -> str:
        return f"""
      <Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">{amount}</Amt>
        <CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"""

    return f"""
    <Stmt><Id>1</Id><Acct><Id><Othr><Id>{account}</Id></Othr></Id><Ccy>CNY</Ccy></Acct>
      {balance("OPBD", opening)}{balance("CLBD", closing)}{"".join(entries)}
    </Stmt>"""


def camt(*stretches: str, before: str = "", version: str = "08") -> str:
    """A CAMT.053 file; `before` stands ahead of the document, as attackers would have it."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>{before}
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}">
  <BkToCstmrStmt><GrpHdr><MsgId>1</MsgId></GrpHdr>{"".join(stretches)}
  </BkToCstmrStmt>
</Document>"""
