"""What people bring to the log: a cosigned checkpoint, a cosigner's key."""

from __future__ import annotations

from flask_babel import gettext, lazy_gettext
from flask_wtf.file import FileField
from wtforms import StringField, TextAreaField, ValidationError
from wtforms.validators import Length

from shop.web.forms import ShopForm, required

#: A checkpoint with many cosignatures is far smaller.
LARGEST = 16_384


class CosignForm(ShopForm):
    """A cosigned checkpoint, as a file or pasted; `brought` is its text."""

    file = FileField(lazy_gettext("联署过的检查点文件"))
    note = TextAreaField(lazy_gettext("或者把内容贴在这里"), [Length(max=LARGEST)])

    brought = ""

    def validate_note(self, field: TextAreaField) -> None:
        upload = self.file.data
        content = upload.read(LARGEST) if upload else (field.data or "").encode()
        # Forms send line ends of their own; a note has plain ones and ends with one.
        text = content.decode(errors="replace").replace("\r\n", "\n")
        if not text.strip():
            raise ValidationError(gettext("请选择文件，或把检查点的内容贴进来。"))
        self.brought = text if text.endswith("\n") else text + "\n"


class CosignerForm(ShopForm):
    """Who cosigns, and with which key."""

    name = StringField(lazy_gettext("联署单位"), [required(), Length(max=64)])
    vkey = StringField(lazy_gettext("联署公钥"), [required(), Length(max=256)])
