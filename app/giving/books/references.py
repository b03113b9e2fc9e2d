"""The reference a giver may write on a transfer, so that the newsroom knows whose it is. Pure.

A creditor reference of ISO 11649: "RF", two check digits, and the account's number. Banks carry it
and check it, and a slip of the pen is found.
"""

import re

#: "RF" as two numbers of the alphabet and two places for the check digits.
RF00 = "271500"
FEWEST, MOST = 6, 12


def of_account(account_id: int) -> str:
    """Return an account's reference, such as "RF06000123"."""
    number = f"{account_id:0{FEWEST}d}"
    return f"RF{98 - int(number + RF00) % 97:02d}{number}"


def within(text: str) -> list[int]:
    """Return the accounts that references in a text name, in their order; blanks do not matter."""
    found = []
    for match in re.finditer(rf"RF((?:\s?\d){{{2 + FEWEST},{2 + MOST}}})", text.upper(), re.ASCII):
        digits = "".join(match[1].split())
        # A year or an amount may stand right behind it: the shortest that checks is meant.
        for end in range(2 + FEWEST, len(digits) + 1):
            account_id = int(digits[2:end])
            if of_account(account_id) == f"RF{digits[:end]}":
                found.append(account_id)
                break
    return found
