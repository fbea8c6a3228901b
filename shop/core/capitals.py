"""Amounts in capitals (人民币大写), as papers and banks demand them.

Rule: 《支付结算办法》附一, “正确填写票据和结算凭证的基本规定”.
"""

from __future__ import annotations

from shop.core.money import Money

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")


def in_capitals(amount: Money) -> str:
    """Write an amount ≥ 0 in capitals: 1,409.50 is 壹仟肆佰零玖元伍角.

    整 closes a whole number of yuan; after 角 it is left out, after 分 it never stands.
    """
    if amount.fen < 0:
        raise ValueError("papers carry no negative amounts")
    whole, rest = divmod(amount.fen, 100)
    jiao, fen = divmod(rest, 10)
    text = _whole_yuan(whole) + "元" if whole else ""
    if not rest:
        return (text or "零元") + "整"
    if jiao:
        text += _DIGITS[jiao] + "角"
    elif whole:
        text += "零"
    return text + (_DIGITS[fen] + "分" if fen else "")


def _whole_yuan(number: int) -> str:
    text, gap = "", False
    for group in range((len(str(number)) - 1) // 4, -1, -1):
        four = number // 10 ** (4 * group) % 10_000
        for place in range(3, -1, -1):
            digit = four // 10**place % 10
            if digit:
                text += ("零" if gap and text else "") + _DIGITS[digit] + _PLACES[place]
            gap = not digit
        if four:
            text += _GROUPS[group]
            gap = four % 10 == 0 and gap
        else:
            gap = True
    return text
