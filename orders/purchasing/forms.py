"""Forms about a purchase that is already placed."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import Length

from shop.web.forms import ShopForm, required


class ApproveForm(ShopForm):
    """Agree to a purchase; nothing to type."""


class ReasonForm(ShopForm):
    """Send a purchase back or cancel it; the other side reads the reason."""

    reason = TextAreaField(_l("原因"), [required(_l("请写明原因，对方会看到。")), Length(max=200)])


class ReorderForm(ShopForm):
    """Put the lines of a purchase back into the list; nothing to type."""
