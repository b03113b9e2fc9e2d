"""The probe of a cast: a bare Flask route that makes one upsert, and knows neither who nor when.

It is served by Granian with the options of the product and writes to the product's own database
server. It uses neither an ORM nor a transaction of several statements.
"""

import os

from flask import Flask, request
from flask.typing import ResponseReturnValue
from psycopg_pool import ConnectionPool

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
    """Keep one ballot under the number that the form carries."""
    with pool.connection() as connection:
        connection.execute(
            "INSERT INTO bare_ballot (voter, choices) VALUES (%s, %s::smallint[])"
            " ON CONFLICT (voter) DO UPDATE SET choices = excluded.choices",
            (int(request.form["voter"]), [int(one) for one in request.form.getlist("choices")]),
        )
    return "", 303


@app.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Whether the probe answers."""
    return "", 200
