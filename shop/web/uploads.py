"""A scanned paper as a form takes it: read once, held to a size, told by its content."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_wtf.file import FileField
from wtforms import ValidationError

from shop.core.files import ENDINGS, JPEG, LIMIT, PDF, PNG, media_type_of


class PaperField(FileField):
    """The file of a paper. `content` and `media_type` are set where one was sent and is good.

    `takes` are the media types it accepts.
    """

    content: bytes = b""
    media_type: str = ""

    def __init__(
        self, *args: Any, takes: tuple[str, ...] = (PDF, PNG, JPEG), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.takes = takes
        self.description = gettext("%(kinds)s，不超过 2 MB。", kinds=self._kinds())
        self.widget_attributes = {"accept": ",".join(f".{ENDINGS[kind]}" for kind in takes)}

    def pre_validate(self, form: Any) -> None:
        """Read the file once; refuse what is too large or not what it claims to be."""
        del form
        if self.data is None:
            return
        self.content = self.data.read(LIMIT + 1)
        self.data.close()
        if len(self.content) > LIMIT:
            raise ValidationError(gettext("文件超过 2 MB，请压缩后再传。"))
        media_type = media_type_of(self.content)
        if media_type not in self.takes:
            raise ValidationError(
                gettext("只收 %(kinds)s，这个文件的内容不是。", kinds=self._kinds())
            )
        assert media_type is not None
        self.media_type = media_type

    def _kinds(self) -> str:
        return gettext("、").join(ENDINGS[kind].upper() for kind in self.takes)
