"""The year of a topic from the vote: closed, counted, counted again, promised, published, told."""

import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

from playwright.sync_api import expect

from app.letters.wordings import TEXTS
from tests.journeys.topic_to_vote import SAME, TOPIC
from tests.journeys.voters import KYIV, OTHERS, Person, time_passes
from tests.processes import Newsroom

FILES = ("verify.py", "round.json", "result.json", "ballots.csv")
STORY = "Nine contracts and one owner: where Poltava's heating money goes"
ADDRESS = "https://vilnyi-holos.example/poltava-heating"


def close(newsroom: Newsroom, people: list[Person], owner: Person, round_id: int) -> None:
    """The clock closes the round; two windows are late. Staff look at the count and publish it."""
    first, _, third, _ = people
    ((title, slug),) = newsroom.query(
        "SELECT title, slug FROM voting_round WHERE id = %s", round_id
    )
    for person in (first, third):
        person.goes(f"/vote/{slug}")
    time_passes(newsroom, round_id, "closes_at", but=timedelta(seconds=1))
    newsroom.wait_until(
        lambda: newsroom.query(
            "SELECT 1 FROM voting_round WHERE id = %s AND status = 'tallied'", round_id
        ),
        30,
        "the count",
    )
    for person in (first, third):
        person.page.get_by_role("checkbox", name=TOPIC).uncheck()
        person.page.get_by_role("checkbox", name=person.says("None of these")).check()
        person.presses("Change my ballot")
        person.reads("The ballot you cast before the close counts.")
        person.looks()

    owner.goes(f"/staff/rounds/{round_id}")
    owner.reads("Counted, not public yet")
    owner.looks()
    told = "SELECT 1 FROM letter WHERE kind = 'round_result' AND matter LIKE %s"
    assert not newsroom.query(told, f"{round_id}:%")
    owner.presses("Publish the result")
    owner.reads("The result is public, and everybody who voted gets a letter.")
    owner.looks()
    for person in people:
        letter = person.gets("Patrons chose “%(title)s”", title=TOPIC)
        person.follows(letter, rf"/vote/{slug}/result")
        person.finds(title)
        person.looks()
    for person, own in ((first, TOPIC), (third, SAME)):
        letter = person.gets("We take up your topic “%(title)s”", title=own)
        person.follows(letter, r"/topics/\d+")
        person.reads("Taken up")
        person.looks()


def recount(person: Person, codes: dict[str, str], folder: Path) -> None:
    """A reader finds a ballot, lets the browser count, and runs the verifier on what it fetched."""
    page = person.page
    person.follows(person.gets("Patrons chose “%(title)s”", title=TOPIC), r"/vote/[\d-]+/result")
    person.clicks("Count it yourself, or find your ballot")
    person.looks()
    page.get_by_label("Your receipt code").fill(codes[person.email])
    person.presses("Look for it")
    person.reads(f"It says: {TOPIC}.")
    person.looks()
    person.presses("Count the ballots")
    person.reads(f"Counted {OTHERS + 4} ballots in your browser")
    for name in FILES:
        with page.expect_download() as download:
            page.get_by_role("link", name=name, exact=True).first.click()
        download.value.save_as(folder / name)
    for code in codes.values():
        done = verify(folder, "--receipt", code)
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.rstrip().endswith("Everything agrees.")
    ballots = folder / "ballots.csv"
    ballots.write_text(ballots.read_text().replace(",", ",1 ", 1))
    assert verify(folder).returncode == 1


def verify(folder: Path, *asked: str) -> subprocess.CompletedProcess[str]:
    """Run the verifier with nothing but Python."""
    return subprocess.run(
        [sys.executable, "-I", "-S", "verify.py", *asked],
        cwd=folder,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )


def promise(newsroom: Newsroom, owner: Person, editor: Person, people: list[Person]) -> None:
    """The sweep makes the promise; an editor takes it, is late, and is reminded."""
    made = "SELECT 1 FROM promise WHERE title = %s"
    newsroom.wait_until(lambda: newsroom.query(made, TOPIC), 45, "the promise")
    page = owner.page
    owner.goes("/staff/promises")
    owner.looks()
    owner.clicks(TOPIC)
    page.get_by_label("Who sees to it").select_option(label=editor.name)
    due_on = datetime.now(KYIV).date() + timedelta(days=20)
    page.get_by_label("Promised for").fill(due_on.isoformat())
    owner.looks()
    owner.presses("Save")
    owner.reads("Noted. A date stands on the public page.")
    owner.presses("Work has begun")
    page.get_by_label("What is new").fill("We have read the first four contracts.")
    owner.presses("Publish the update")
    owner.reads("Everybody can read it now.")
    owner.looks()

    choose_to_be_told(people)
    newsroom.query(
        "UPDATE promise SET due_on = due_on - 22, first_due_on = first_due_on - 22"
        " WHERE title = %s",
        TOPIC,
    )
    letter = editor.gets("Late: “%(title)s”", title=TOPIC)
    editor.follows(letter, r"/staff/promises/\d+")
    editor.looks()


def choose_to_be_told(people: list[Person]) -> None:
    """Two who did not suggest the topic want to hear of the story."""
    _, second, _, fourth = people
    for person in (second, fourth):
        person.goes("/vote")
        person.looks()
        person.page.get_by_role("link", name="What shall we look into in").click()
        person.clicks("What came of it")
        person.looks()
        person.page.get_by_role("link", name=TOPIC).click()
        person.reads("Work has begun")
        person.looks()
        person.clicks("Tell me when a topic I could vote on is published")
        person.looks()
        person.page.get_by_label(person.says(str(TEXTS["topics-1"]))).check()
        person.presses("Save")
        person.reads("Your choice of letters is saved.")


def publish(owner: Person, people: list[Person]) -> None:
    """The story is out; who suggested it and who chose to be told get one letter each."""
    page = owner.page
    owner.goes("/staff/promises")
    owner.clicks(TOPIC)
    owner.clicks("The story is out")
    page.get_by_label("Title").fill(STORY)
    page.get_by_label("Address").fill(ADDRESS)
    page.get_by_label("Published on").fill(datetime.now(KYIV).date().isoformat())
    owner.looks()
    owner.presses("Enter it and tell patrons")
    owner.reads("The promise is kept.")
    owner.looks()
    first, _, third, _ = people
    for person in people:
        letter = person.gets("Published: %(title)s", title=STORY)
        assert ADDRESS in letter
        person.follows(letter, r"/promises/\d+")
        person.finds(TOPIC)
        person.reads("Kept late")
        link = person.page.get_by_role("link", name=person.says("Read the story"))
        expect(link).to_have_attribute("href", ADDRESS)
        person.looks()
        assert "/unsubscribe/" in letter
    for person in (first, third):
        person.goes("/promises")
        person.looks()
