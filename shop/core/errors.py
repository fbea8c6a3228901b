"""Refusals: the expected no, said in a sentence people understand.

A refusal changes nothing, is not an error in the log, and is shown beside the field it is about
when it names one. Anything else that goes wrong is a surprise and rolls back.
"""

from __future__ import annotations

from typing import Any, ClassVar

from shop.core.labels import N_


class Refusal(Exception):
    """An expected no.

    Subclasses stand beside the command that raises them and set `code` (stable, for other
    programs), `sentence` (Chinese source with ``%(name)s`` places for the facts), an HTTP
    `status`, and, where it helps, the form `field` the sentence belongs to.
    """

    code: ClassVar[str] = "refused"
    sentence: ClassVar[str] = N_("现在不能这样做。")
    status: ClassVar[int] = 409
    field: ClassVar[str | None] = None

    def __init__(self, *, field: str | None = None, **facts: Any) -> None:
        super().__init__(f"{self.code} {facts}")
        self.facts = facts
        self.at_field = field or self.field


class NotFound(Refusal):
    """There is no such thing, or it is not this actor's to see."""

    code = "not_found"
    sentence = N_("没有找到。可能地址有误，或不在您的权限范围内。")
    status = 404


class NotAllowed(Refusal):
    """The actor may see the thing but not do this to it."""

    code = "not_allowed"
    sentence = N_("您的角色不能做这一步，请由有权限的同事办理。")
    status = 403


class SamePerson(Refusal):
    """Four eyes: whoever did the earlier step may not do this one (经办与复核须为两人)."""

    code = "same_person"
    sentence = N_("这一步要由另一位同事办理：经办和复核不能是同一个人。")
    status = 403


class WrongState(Refusal):
    """The thing is not in a state in which this can be done."""

    code = "wrong_state"
    sentence = N_("它现在的状态是“%(state)s”，不能做这一步。请刷新后再看。")


class ReasonMissing(Refusal):
    """What is taken back, corrected or looked up is explained in a sentence (原因必填)."""

    code = "reason_missing"
    sentence = N_("请写明原因。")
    status = 422
    field = "reason"


class KeyReused(Refusal):
    """The same once-key came with other content (same form sent twice with changes)."""

    code = "key_reused"
    sentence = N_("这张表单已经提交过，内容却不一样。请刷新页面后重新填写。")
    status = 422
