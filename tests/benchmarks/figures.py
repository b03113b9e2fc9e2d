"""A measured figure, what it is held against, and the table of them all."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `value` must reach `bound`, or stay under it where `at_most` is set.

    Without a bound it is told and nothing depends on it.
    """

    name: str
    measured: str
    against: str
    value: float
    bound: float | None = None
    at_most: bool = False

    @property
    def holds(self) -> bool:
        """Whether the bound is kept; true where there is none."""
        if self.bound is None:
            return True
        return self.value <= self.bound if self.at_most else self.value >= self.bound


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as a table in Markdown."""
    lines = ["| figure | product | against | result | required | |", "|---|---|---|---:|---:|---|"]
    for figure in figures:
        sign = "≤" if figure.at_most else "≥"
        bound = "" if figure.bound is None else f"{sign} {figure.bound:g}"
        verdict = "" if figure.bound is None else "holds" if figure.holds else "**FAILS**"
        lines.append(
            f"| {figure.name} | {figure.measured} | {figure.against} "
            f"| {_short(figure.value)} | {bound} | {verdict} |"
        )
    return "\n".join(lines)


def _short(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.2f}"
