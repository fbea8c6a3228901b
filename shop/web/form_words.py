"""What WTForms itself complains about, in the shop's words instead of the library's."""

from __future__ import annotations

import flask_babel

from shop.core.labels import N_

#: WTForms' sentence → ours, for those a field of ours can bring up and no form says itself.
_SENTENCES = {
    "This field is required.": N_("请填写这一项。"),
    "Not a valid choice.": N_("请从列出的几项里选。"),
    "Invalid Choice: could not coerce.": N_("请从列出的几项里选。"),
    "'%(value)s' is not a valid choice for this field.": N_("请从列出的几项里选。"),
    "Not a valid date value.": N_("请填日期，例如 2026-04-05。"),
    "Not a valid integer value.": N_("请填整数，例如 30。"),
    "Field cannot be longer than %(max)d character.": N_("最多 %(max)d 个字。"),
    "Field must be at least %(min)d character long.": N_("至少 %(min)d 个字。"),
    "Field must be between %(min)d and %(max)d characters long.": N_(
        "要 %(min)d 到 %(max)d 个字。"
    ),
}


class FormWords:
    """Stands where WTForms expects its translations; see `ShopForm.Meta`."""

    def gettext(self, sentence: str) -> str:
        """Our sentence in the reader's language, or the library's when it is none of ours."""
        ours = _SENTENCES.get(sentence)
        return str(flask_babel.gettext(ours)) if ours else sentence

    def ngettext(self, singular: str, _plural: str, _count: int) -> str:
        """As `gettext`; our sentences need no plural."""
        return self.gettext(singular)
