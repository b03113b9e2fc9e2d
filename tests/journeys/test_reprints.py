"""Asked to reprint, granted, looked up by somebody else; and refused with a reason."""

import re

from playwright.sync_api import Page, expect

from tests.journeys.steps import OWNER, letter, look_over, sign_in_staff
from tests.processes import Newsroom

EDITOR, NEIGHBOUR = "editor@nordic.example.org", "redakcja@sasiad.example.org"
REASON = "The photographs belong to an agency. Please ask it."


def ask(page: Page, newsroom: Newsroom, email: str, place: str) -> None:
    """Fill in the form on a phone and send it."""
    page.goto(f"{newsroom.site_url}/give")
    page.get_by_role("contentinfo").get_by_role("link", name="Reprint our work").click()
    page.get_by_label("Your name").fill("Ann Berg")
    page.get_by_label("Organisation").fill(place)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Which articles?").fill("https://news.example.org/bread")
    page.get_by_label("Where will it appear?").fill(f"The site of {place}")
    page.get_by_label("What for?").fill("A translation for our subscribers.")
    page.get_by_role("button", name="Send the request").click()


def open_request(staff: Page, newsroom: Newsroom, name: str) -> None:
    """Find the request in the register."""
    staff.goto(f"{newsroom.site_url}/staff")
    staff.get_by_role("link", name="Reprints").click()
    look_over(staff)
    staff.get_by_role("link", name=name).click()
    look_over(staff)


def test_a_reprint_is_asked_granted_and_looked_up_and_another_is_refused(
    newsroom: Newsroom, reader: Page, staff: Page
) -> None:
    ask(reader, newsroom, EDITOR, "Nordic Review")
    expect(reader.get_by_role("heading", level=1)).to_have_text("Your request has come")
    look_over(reader)
    sign_in_staff(staff, newsroom, OWNER)
    open_request(staff, newsroom, "Nordic Review")
    staff.get_by_role("link", name="Grant with terms").click()
    staff.get_by_label("Further terms").fill("Send us a copy.")
    look_over(staff)
    staff.get_by_role("button", name="Grant and send the letter").click()
    expect(staff.get_by_text("Valid", exact=True)).to_be_visible()

    # The letter leads to the permission; whoever gets the number from it finds it as well.
    letter(reader, newsroom, EDITOR, "^You may reprint it: permission RP-")
    heading = reader.get_by_role("heading", level=1).inner_text()
    number = re.findall(r"RP-\d{4}-\d{6}-\w{8}", heading)[0]
    reader.goto(f"{newsroom.site_url}/reprint")
    look_over(reader)
    reader.get_by_label("Number of the permission").fill(number.lower())
    reader.get_by_role("button", name="Look up").click()
    expect(reader.get_by_text(number)).to_be_visible()
    expect(reader.get_by_text("Valid", exact=True)).to_be_visible()
    expect(reader.get_by_text("Send us a copy.")).to_be_visible()
    look_over(reader)

    staff.get_by_role("link", name="Withdraw the permission").click()
    staff.get_by_label("Reason").fill("It was printed without our name.")
    look_over(staff)
    staff.get_by_role("button", name="Withdraw the permission").click()
    expect(staff.get_by_text("Holds no more", exact=True)).to_be_visible()
    reader.reload()
    expect(reader.get_by_text("It was printed without our name.")).to_be_visible()
    letter(reader, newsroom, EDITOR, "no longer holds")

    ask(reader, newsroom, NEIGHBOUR, "Sasiad")
    open_request(staff, newsroom, "Sasiad")
    staff.get_by_role("link", name="Refuse").click()
    staff.get_by_label("Reason").fill(REASON)
    look_over(staff)
    staff.get_by_role("button", name="Refuse the request").click()
    letter(reader, newsroom, NEIGHBOUR, "^About your request to reprint our work")
    expect(reader.locator("pre")).to_contain_text(REASON)
