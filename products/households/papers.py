"""What the printed consent form says (单独同意书)."""

from __future__ import annotations

from datetime import date
from typing import Any

from products.households.rows import HouseholdPage
from products.households.states import ConsentPurpose
from shop.organisations.queries import OrganisationRow

#: What each consent lets be shown, in the words the household signs.
_SHOWN = {
    ConsentPurpose.NAME: "在商品页、溯源页和村庄页写我的姓氏和村名，名字用 * 代替。",
    ConsentPurpose.STORY: "在村庄页写我说的话：种什么、怎么做。先念给我听，我点头才公开。",
    ConsentPurpose.PICTURE: "公开我或我家地里的照片。每一张先给我看。",
}


def consent_data(
    household: HouseholdPage, cooperative: OrganisationRow, today: date
) -> dict[str, Any]:
    """What `templates/papers/consent.typ` prints; Chinese, for the household signs it.

    Rule: 个人信息保护法 arts. 15 and 25: separate consent to publication, withdrawn as easily.
    """
    return {
        "title": "公开展示同意书",
        "lang": "zh",
        "number": household.code,
        "issuer": cooperative.name,
        "page_word": "第",
        "page_end": "页",
        "link": "",
        "qr_note": "",
        "head": [
            ["合作社", cooperative.name],
            ["户主", household.name],
            ["村", f"{household.county}{household.township}{household.village}"],
            ["打印日期", f"{today.year}年{today.month}月{today.day}日"],
        ],
        "intro": "下面三项各管各的：同意哪一项，就在那一项前面打勾。一项都不勾，货照收、钱照付。",
        "purposes": [[purpose.label, _SHOWN[purpose]] for purpose in ConsentPurpose],
        "never_title": "哪儿都不写",
        "never": "全名、身份证号、电话、银行卡、住址、家里的身份和收入。",
        "withdraw_title": "怎么撤回",
        "withdraw": [
            "随时可以撤回，不用说原因：告诉合作社，或者在自己的对账单页面上按“不再公开”。",
            "撤回后公开页面马上不再显示。已经印出来的纸收不回来。",
            "账、份额和货款不受影响，一分不少。",
        ],
        "signatures": [
            {"title": "户主签名或手印", "name": "", "day": "　　　　年　　月　　日"},
            {"title": "合作社经办人", "name": "", "day": "　　　　年　　月　　日"},
        ],
    }
