"""The operator's desk of the log: sign a checkpoint, register those who cosign."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from products.proofs import commands, cosigning, queries
from products.proofs.forms import CosignerForm
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.permissions import Permission
from shop.organisations.acting import current_actor, requires
from shop.web.forms import ShopForm
from shop.web.views import fresh_reading

bp = Blueprint("log_desk", __name__, url_prefix="/platform/log")


@bp.route("/", methods=["GET", "POST"])
@requires(Permission.LOG_SIGN)
def index() -> ResponseReturnValue:
    """The cosigners, and a form to register one."""
    form = CosignerForm()
    if form.validate_on_submit():
        try:
            cosigning.register_cosigner.once(form.once.data)(
                name=form.name.data or "",
                vkey=form.vkey.data or "",
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已登记 %(name)s。", name=form.name.data), "ok")
            return redirect(url_for("log_desk.index"), code=303)
    return _page(form)


@bp.post("/checkpoints")
@requires(Permission.LOG_SIGN)
def sign() -> ResponseReturnValue:
    """Sign a checkpoint now; the timetable does it once a day anyway."""
    form = ShopForm()
    try:
        commands.seal_due(actor=current_actor(), now=clock.now())
        size = commands.sign_checkpoint.once(form.once.data)(actor=current_actor(), now=clock.now())
    except Refusal as refusal:
        again = CosignerForm(formdata=None)
        again.refuse(refusal)
        return _page(again)
    flash(_("已签发检查点，盖住 %(size)s 条记录。", size=f"{size:,}"), "ok")
    return redirect(url_for("log_desk.index"), code=303)


@bp.post("/cosigners/<cosigner_id>/end")
@requires(Permission.LOG_SIGN)
def end(cosigner_id: str) -> ResponseReturnValue:
    """Take no more cosignatures of somebody."""
    form = ShopForm()
    cosigning.end_cosigner.once(form.once.data)(
        cosigner_id=cosigner_id, actor=current_actor(), now=clock.now()
    )
    flash(_("已停用。以前的联署仍然有效。"), "ok")
    return redirect(url_for("log_desk.index"), code=303)


def _page(form: CosignerForm) -> ResponseReturnValue:
    page = queries.desk(fresh_reading(), current_actor())
    return render_template("products/proofs/desk.html", page=page, form=form), form.status
