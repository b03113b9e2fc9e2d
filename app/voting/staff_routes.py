"""Rounds as staff run them."""

from flask import Blueprint

bp = Blueprint("voting_staff", __name__, url_prefix="/staff/rounds")
