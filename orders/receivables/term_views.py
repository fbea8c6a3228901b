"""stub"""

from flask import Blueprint

bp = Blueprint("payment_terms", __name__)
