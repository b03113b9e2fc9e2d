"""Giving as a reader sees it, and a patron's own pledge."""

from flask import Blueprint

bp = Blueprint("giving", __name__)
