"""The probe of the webhook: a bare Flask route that checks one HMAC and makes one INSERT.

It is served by Granian with the options of the product and writes to the product's own database
server. It uses neither an ORM nor a transaction of several statements.
"""

import hashlib
import hmac
import os

from flask import Flask, request
from flask.typing import ResponseReturnValue
from psycopg_pool import ConnectionPool

from tests.benchmarks.house import SECRET

#: As many connections as Granian has blocking threads for each worker.
THREADS = 4

app = Flask(__name__)
pool = ConnectionPool(
    os.environ.get("DATABASE_URL", "").replace("+psycopg", "", 1),
    min_size=THREADS,
    max_size=THREADS,
    open=True,
    # One statement, committed by itself: a single exchange with the database.
    kwargs={"autocommit": True},
)


@app.post("/bare")
def bare() -> ResponseReturnValue:
    """Keep one signed body."""
    body = request.get_data(cache=False)
    at, _, signed = request.headers["Stripe-Signature"].partition(",")
    expected = hmac.new(SECRET.encode(), at[2:].encode() + b"." + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, signed[3:]):
        return "", 400
    with pool.connection() as connection:
        connection.execute("INSERT INTO bare_event (body) VALUES (%s)", (body,))
    return "", 204


@app.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Whether the probe answers."""
    return "", 200
