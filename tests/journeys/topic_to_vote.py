"""The year of a topic up to the vote: suggested, joined, shortlisted, drafted, opened, voted on."""

import re
from datetime import datetime, timedelta

from playwright.sync_api import expect

from app.letters.wordings import TEXTS
from tests.journeys.voters import KYIV, Person, others_vote, time_passes
from tests.processes import Newsroom

TOPIC = "Who profits from heating in Poltava"
SAME = "Хто заробляє на опаленні Полтави"
WHY = {
    "en": "Thousands of families pay for it, and the city has published nothing since March.",
    "uk": "За нього платять тисячі родин, а місто від березня нічого не оприлюднило.",
}
REASON = "We have the city's contracts."


def suggest(people: list[Person]) -> None:
    """One suggests it, another seconds it, a third suggests the same."""
    first, second, third, _ = people
    for person in (first, second, third):
        person.signs_in()
    for person, title in ((first, TOPIC), (third, SAME)):
        person.goes("/topics/new")
        person.page.get_by_label(person.says("Topic"), exact=True).fill(title)
        person.page.get_by_label(person.says("Why it matters")).fill(WHY[person.locale])
        name = person.says("By name: %(name)s") % {"name": person.name}
        person.page.get_by_label(name).check()
        person.presses("Send the suggestion")
        person.finds(title)
        person.looks()
        person.page.get_by_label(person.says(str(TEXTS["topics-1"]))).check()
        person.presses("Save")
        person.reads("Your choice of letters is saved.")
    second.goes("/topics")
    second.looks()
    second.page.get_by_role("link", name=TOPIC).click()
    second.presses("Second this topic")
    second.reads("you second it")
    second.looks()


def shortlist(owner: Person, people: list[Person]) -> None:
    """Staff join the two and put them on the shortlist; both who suggested them are told."""
    first, _, third, _ = people
    page = owner.page
    owner.goes("/staff/topics")
    owner.clicks(SAME)
    owner.looks()
    owner.clicks("Look for another to join it with")
    page.get_by_label("Words of the other suggestion").fill("heating in Poltava")
    owner.presses("Search")
    owner.looks()
    page.get_by_role("link", name=f"Join with “{TOPIC}”").click()
    owner.looks()
    owner.presses("Join them")
    owner.finds(TOPIC)
    page.get_by_label("Reason, for everybody to read").fill(REASON)
    owner.presses("Put on the shortlist")
    expect(page.locator(".tag").first).to_have_text("On the shortlist")
    owner.reads(f"Suggested by {first.name} and {third.name}")
    owner.looks()

    third.gets("“%(title)s” goes on together with a similar suggestion", title=SAME)
    for person, own in ((first, TOPIC), (third, SAME)):
        letter = person.gets("“%(title)s” is on the shortlist", title=own)
        assert REASON in letter
        assert TOPIC in letter
        person.follows(letter, r"/topics/\d+")
        person.finds(TOPIC)
        person.reads("On the shortlist")
        person.looks()


def draft(newsroom: Newsroom, owner: Person, editor: Person) -> int:
    """Staff write the monthly template; the beat drafts the round, and tells that it waits."""
    opens = datetime.now(KYIV) + timedelta(days=6)
    owner.goes("/staff/rounds/monthly")
    page = owner.page
    page.get_by_label("Draft a round each month").check()
    page.get_by_label("Introduction").fill("We take up the topic most patrons want.")
    page.get_by_label("Opens on day").fill(str(opens.day if opens.day <= 28 else 1))
    page.get_by_label("Topics it offers at most").fill("10")
    page.get_by_label("When you publish it").check()
    owner.looks()
    owner.presses("Save")
    owner.reads("The monthly round is saved.")
    drafts = "SELECT id, title FROM voting_round WHERE template_id IS NOT NULL"
    newsroom.wait_until(lambda: newsroom.query(drafts), 30, "the round's draft")
    ((round_id, title),) = newsroom.query(drafts)
    time_passes(newsroom, round_id, "opens_at", but=timedelta(days=2))
    for person in (owner, editor):
        letter = person.gets(
            "The round is not ready yet: %(title)s",
            says=("Nobody has asked to open it yet.",),
            title=title,
        )
        person.follows(letter, rf"/staff/rounds/{round_id}")
        person.finds(title)
    return int(round_id)


def open_by_two(newsroom: Newsroom, owner: Person, editor: Person, round_id: int) -> None:
    """The owner asks to open it, her colleague agrees, and the clock opens it."""
    page = owner.page
    owner.goes(f"/staff/rounds/{round_id}")
    titles = [one.input_value() for one in page.get_by_label("Topic", exact=True).all()]
    assert TOPIC in titles
    owner.looks()
    owner.presses("Save and preview")
    expect(page.get_by_role("checkbox", name=TOPIC)).to_be_visible()
    owner.looks()
    owner.goes(f"/staff/rounds/{round_id}")
    owner.presses("Save, check and open")
    owner.looks()
    owner.presses("Open the round")
    owner.reads("A colleague is asked to look at it.")
    owner.looks()

    ((title,),) = newsroom.query("SELECT title FROM voting_round WHERE id = %s", round_id)
    letter = editor.gets("A round waits for your yes or no: %(title)s", title=title)
    assert owner.name in letter
    editor.follows(letter, rf"/staff/rounds/{round_id}")
    editor.looks()
    editor.presses("Agree and open it")
    editor.reads("The round will open by itself.")
    editor.looks()


def vote(newsroom: Newsroom, people: list[Person], owner: Person, round_id: int) -> dict[str, str]:
    """Four vote, each in their own way, and many others; return the codes of those who keep one."""
    first, second, *_ = people
    time_passes(newsroom, round_id, "opens_at", but=timedelta(0))
    ((title, slug, closes_at),) = newsroom.query(
        "SELECT title, slug, closes_at FROM voting_round WHERE id = %s", round_id
    )
    opened = {
        person.email: person.gets(
            "Vote until %(day)s: %(title)s", day=person.day(closes_at), title=title
        )
        for person in people
    }
    assert all(TOPIC in text for text in opened.values())

    # With a script, from the site.
    first.goes("/vote")
    first.looks()
    first.goes(f"/vote/{slug}")
    first.looks()
    first.page.locator("label").filter(has_text=TOPIC).click()
    expect(first.page.get_by_text("1 of 3 chosen")).to_be_visible()
    first.presses("Cast my ballot")
    first.finds("Your ballot is cast")
    first.looks()
    codes = {first.email: code(first)}
    first.presses("Send me the code by letter")
    assert codes[first.email] in first.gets("The code of your ballot: %(title)s", title=title)

    # In Ukrainian, from the letter, and changed afterwards.
    second.follows(opened[second.email], r"/sign-in/link/\S+|/l/\S+")
    second.finds(title)
    second.page.get_by_role("checkbox", name=second.says("None of these")).check()
    second.presses("Cast my ballot")
    before = code(second)
    second.clicks("See or change my ballot")
    second.looks()
    second.page.get_by_role("checkbox", name=second.says("None of these")).uncheck()
    second.page.get_by_role("checkbox", name=TOPIC).check()
    second.presses("Change my ballot")
    second.finds(second.says("Your ballot is cast"))
    codes[second.email] = code(second)
    assert codes[second.email] != before
    second.presses("Send me the code by letter")
    letter = second.gets("The code of your ballot: %(title)s", title=title)
    assert codes[second.email] in letter

    others_vote(newsroom, round_id, TOPIC, people)
    remind(newsroom, people, owner, round_id)
    return codes


def remind(newsroom: Newsroom, people: list[Person], owner: Person, round_id: int) -> None:
    """Who has not voted is reminded once, and votes from the letter; here no script runs."""
    first, second, third, fourth = people
    ((title, slug),) = newsroom.query(
        "SELECT title, slug FROM voting_round WHERE id = %s", round_id
    )
    page = owner.page
    owner.goes(f"/staff/rounds/{round_id}")
    owner.looks()
    owner.clicks("Remind who has not voted")
    at = datetime.now(KYIV) + timedelta(days=3)
    page.get_by_label("Send the reminder").fill(f"{at:%Y-%m-%dT%H:%M}")
    owner.looks()
    owner.presses("Plan the reminder")
    owner.reads("The reminder is planned.")
    owner.looks()
    time_passes(newsroom, round_id, "remind_at", but=timedelta(0))
    ((closes_at,),) = newsroom.query("SELECT closes_at FROM voting_round WHERE id = %s", round_id)
    for person in (third, fourth):
        time = f"{person.day(closes_at)}, {closes_at.astimezone(KYIV):%H:%M}"
        time += " Kyiv time" if person.locale == "en" else " за Києвом"
        letter = person.gets("Your vote is still open until %(time)s", time=time)
        assert title in letter
        person.follows(letter, r"/sign-in/link/\S+")
        if person is fourth:
            # Not signed in before: the letter's link does it.
            person.page.get_by_role("button", name=re.compile("^Sign in to")).click()
        person.finds(title)
        person.looks()
        person.page.get_by_role("checkbox", name=TOPIC).check()
        person.presses("Cast my ballot")
        person.finds(person.says("Your ballot is cast"))
        person.looks()
    for person in (first, second):
        assert not person.letters(r"still open|ще триває")
    owner.goes(f"/vote/{slug}")
    owner.reads("The newsroom's staff do not vote.")


def code(person: Person) -> str:
    """The receipt on the page of a ballot just cast."""
    shown = person.page.locator("code").first
    expect(shown).to_have_text(re.compile(r"^[A-Z2-7 -]{26,}$"))
    return (shown.text_content() or "").strip()
