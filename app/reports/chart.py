"""The chart of the last months, as an SVG that carries neither a style nor a script of its own.

pygal writes both into its drawings, which no page of ours allows. They are taken out: the drawing
names its style sheets and scripts, all from this site, and stays under the strictest policy.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

import pygal
from pygal.style import Style

SVG = "http://www.w3.org/2000/svg"
#: Small, so that letters are not smaller still on a phone, where it is drawn at half its size.
WIDTH, HEIGHT = 640, 280


@dataclass(frozen=True, slots=True)
class Bar:
    """One month: the first day, its short name under the bar, its full name, the value."""

    month: date
    short: str
    name: str
    value: int


def draw(
    bars: Sequence[Bar],
    *,
    title: str,
    written: Callable[[int], str],
    styles: Sequence[str],
    scripts: Sequence[str],
) -> bytes:
    """Return bars from zero as an SVG document; `written` writes a value for the axis and tooltips.

    `styles` and `scripts` are addresses on this site, in their order.
    """
    chart = pygal.Bar(
        width=WIDTH,
        height=HEIGHT,
        title=None,
        no_prefix=True,
        show_legend=False,
        js=[],
        css=[],
        margin_left=8,
        margin_right=8,
        margin_top=16,
        margin_bottom=4,
        spacing=8,
        truncate_label=-1,
        max_scale=5,
        min_scale=2,
        zero=0,
        range=(0, max(1, *(bar.value for bar in bars))),
        # Room is left for the letters at their size on a phone: see chart.css.
        style=Style(label_font_size=26, major_label_font_size=26),
        x_labels=[bar.short for bar in bars],
        value_formatter=lambda value: written(round(value)),
    )
    chart.add(
        title,
        [{"value": bar.value, "label": bar.name} for bar in bars],
        formatter=lambda value: written(round(value)),
    )
    root = ElementTree.fromstring(chart.render(disable_xml_declaration=True))  # noqa: S314 - ours
    _clean(root, title)
    defs = root.find(f"{{{SVG}}}defs")
    assert defs is not None, "every drawing has definitions"
    for address in scripts:
        ElementTree.SubElement(defs, f"{{{SVG}}}script", {"href": address})
    ElementTree.register_namespace("", SVG)
    sheets = "".join(
        f'<?xml-stylesheet type="text/css" href={quoteattr(sheet)}?>\n' for sheet in styles
    )
    drawing = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{sheets}{drawing}'.encode()


def _clean(root: ElementTree.Element, title: str) -> None:
    """Take out what the policy refuses, and name the drawing."""
    root.attrib.pop("id", None)
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{{{SVG}}}style", f"{{{SVG}}}script"):
                parent.remove(child)
        if parent.attrib.pop("style", None) is not None:
            # The one style there is hides the tooltip until its script shows it.
            parent.set("opacity", "0")
    named = root.find(f"{{{SVG}}}title")
    if named is not None:
        named.text = title
