"""Pages of consents: all of a cooperative's by purpose, and the form a household signs."""

from __future__ import annotations

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from products.households import queries
from products.households.papers import consent_data
from products.households.states import ConsentPurpose
from shop.core import clock
from shop.core.permissions import Permission as P
from shop.organisations.acting import current_actor, current_organisation, requires
from shop.organisations.models import OrganisationKind
from shop.printing import pdf
from shop.web.views import reading

bp = Blueprint("consents", __name__, url_prefix="/cooperative/consents")


@bp.get("/")
@requires(P.HOUSEHOLD_READ)
def index() -> ResponseReturnValue:
    """Which household consents to what, since when, and which no longer do."""
    cooperative = current_organisation(OrganisationKind.COOPERATIVE)
    return render_template(
        "products/households/consents.html",
        consents=queries.consent_list(reading(), cooperative.id, current_actor()),
        purposes=list(ConsentPurpose),
    )


@bp.get("/of/<household_id>/consent.pdf")
@requires(P.HOUSEHOLD_READ)
def paper(household_id: str) -> ResponseReturnValue:
    """The consent form of one household, to print and sign."""
    cooperative = current_organisation(OrganisationKind.COOPERATIVE)
    household = queries.household(reading(), household_id, cooperative.id, current_actor())
    data = consent_data(household, cooperative, clock.day_of(clock.now()))
    answer = Response(pdf.render("consent", data), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="consent-{household.code}.pdf"'
    return answer
