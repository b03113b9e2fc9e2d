"""The public list: patrons in standing who chose to be named, and nobody else."""

from flask.testing import FlaskClient

from app.extensions import db
from tests.builders import a_patron, a_pledge, a_reader


def test_only_patrons_in_standing_who_chose_it_are_named(client: FlaskClient) -> None:
    a_patron(name="Їжак Named", listed=True)
    a_patron(name="Shy Patron", listed=False)
    gone = a_reader(name="Gone Patron", listed=True)
    a_pledge(gone, status="ended")
    page = client.get("/patrons").text
    assert "Їжак Named" in page
    assert "2 readers pay for our reporting" in page
    for absent in ("Shy Patron", "Gone Patron"):
        assert absent not in page


def test_a_patron_with_two_pledges_is_one_reader_named_once(client: FlaskClient) -> None:
    twice = a_patron(name="Twice Given", listed=True)
    a_pledge(twice)
    page = client.get("/patrons").text
    assert "1 reader pays" in page
    assert page.count("Twice Given") == 1


def test_a_name_is_text_and_not_markup(client: FlaskClient) -> None:
    a_patron(name="<b>Bold</b>", listed=True)
    assert "&lt;b&gt;Bold&lt;/b&gt;" in client.get("/patrons").text


def test_a_newsroom_without_patrons_invites_the_first(client: FlaskClient) -> None:
    db.session.commit()
    assert "The first could be you." in client.get("/patrons").text
