"""Rounds as readers and patrons see them."""

from flask import Blueprint

bp = Blueprint("voting", __name__, url_prefix="/vote")
