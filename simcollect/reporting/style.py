"""One look for every figure: colours, axes, direct labels, and how a figure becomes SVG.

Colours are those of Okabe and Ito (2008), which readers with any of the common colour deficiencies tell
apart; ordered stages run from light to dark, so that they also survive a black-and-white printer. No figure
touches pyplot, so nothing depends on a screen or on figures made before.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Literal, ParamSpec

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from simcollect.reporting.words import MINUS, percent, scale_of

INK, MUTED, HAIRLINE, PAPER = "#1b2733", "#5b6773", "#dde2e7", "#ffffff"
ACCENT = "#0072b2"
CATEGORIES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00")
# Darker than Okabe and Ito's, since text is written in and beside them.
LINES = ("#0072b2", "#c14a00", "#00795a", "#7d4b8c", "#1b2733", "#8a6200")
TEAM_COLOURS = dict(zip(("early", "late", "desk", "field"), LINES, strict=False))
# Buckets of days past due, from light to dark.
AGES = ("#fde3c4", "#fbc68d", "#f4a259", "#e07b39", "#c1551f", "#993c12", "#6b270b")
SEQUENTIAL = "Blues"

_STYLE: dict[Any, Any] = {
    "font.family": ["DejaVu Sans"],
    "font.size": 9.0,
    "svg.fonttype": "none",  # text stays text: it can be searched, read aloud, and takes the page's font
    "svg.hashsalt": "simcollect",
    "text.parse_math": False,  # names come from the user: a dollar sign in one is a dollar sign
}
_WIDTH = 7.2  # inches, the width of the report's column


P = ParamSpec("P")


def styled(plot: Callable[P, Axes]) -> Callable[P, Axes]:
    """Let a plot run in the package's style, and leave the reader's own matplotlib settings as they were."""

    @wraps(plot)
    def run(*args: P.args, **kwargs: P.kwargs) -> Axes:
        with matplotlib.rc_context(_STYLE):
            return plot(*args, **kwargs)

    return run


class Picture(Figure):
    """A figure that shows itself in a notebook, without pyplot."""

    def _repr_svg_(self) -> str:
        return svg(self)


def axes(ax: Axes | None, height: float = 3.0) -> Axes:
    """Return the axes to draw on, in the package's look: those given, or new ones on their own figure."""
    if ax is None:
        ax = Picture(figsize=(_WIDTH, height), layout="constrained", facecolor=PAPER).add_subplot()
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)
    ax.spines["bottom"].set_color(MUTED)
    ax.tick_params(colors=MUTED, length=0, labelsize=8.5)
    ax.xaxis.label.set_color(MUTED)
    ax.yaxis.label.set_color(MUTED)
    ax.set_axisbelow(True)
    return ax


def title(ax: Axes, text: str) -> None:
    """Write the title at the left edge of the axes."""
    ax.set_title(text, loc="left", color=INK, fontsize=10, fontweight="bold", pad=10)


def rules(ax: Axes, axis: Literal["x", "y"] = "y") -> None:
    """Draw hairlines at the ticks of one axis."""
    ax.grid(True, axis=axis, color=HAIRLINE, linewidth=0.7)


def money_axis(ax: Axes, what: str, currency: str, axis: Literal["x", "y"] = "y", per: str = "") -> None:
    """Label an axis of amounts, in thousands or millions as its reach asks, and say so in its label.

    Examples
    --------
    >>> ax = axes(None)
    >>> _ = ax.set_ylim(0, 4e6)
    >>> money_axis(ax, "cash", "CNY", per=" a week")
    >>> ax.get_ylabel()
    'cash, CNY million a week'
    """
    one = ax.yaxis if axis == "y" else ax.xaxis
    reach = float(np.max(np.abs(one.get_view_interval())))
    scale, word = scale_of([reach])
    one.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
    one.set_major_formatter(FuncFormatter(lambda value, _: f"{value / scale:,.10g}".replace("-", MINUS)))
    one.set_label_text(f"{what}, {currency}{word}{per}", color=MUTED)


def percent_axis(ax: Axes, axis: Literal["x", "y"] = "y") -> None:
    """Write the ticks of an axis of shares in per cent."""
    one = ax.yaxis if axis == "y" else ax.xaxis
    one.set_major_formatter(FuncFormatter(lambda share, _: percent(share, 0)))


def count_axis(ax: Axes, what: str, axis: Literal["x", "y"] = "y") -> None:
    """Label an axis of counts, with thousands set apart."""
    one = ax.yaxis if axis == "y" else ax.xaxis
    one.set_major_locator(MaxNLocator(nbins=5, integer=True))
    one.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    one.set_label_text(what, color=MUTED)


def date_axis(ax: Axes) -> None:
    """Label an axis of days by months, with the year where it begins."""
    locator = AutoDateLocator(minticks=3, maxticks=8)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))


def month_axis(ax: Axes, months: Sequence[Any]) -> None:
    """Label the places 0, 1, 2, ... of an axis by months (or numbers), the year where it begins."""
    labels = []
    for at, month in enumerate(months):
        if hasattr(month, "strftime"):
            labels.append(month.strftime("%b\n%Y" if at == 0 or month.month == 1 else "%b"))
        else:
            labels.append(str(month))
    ax.set_xticks(range(len(labels)), labels)


def key(ax: Axes) -> None:
    """Put the key beside the axes, in the order in which the parts are stacked."""
    handles, labels = ax.get_legend_handles_labels()
    ax.legend(
        handles[::-1], labels[::-1], loc="center left", bbox_to_anchor=(1.005, 0.5), frameon=False,
        fontsize=8.5, labelcolor=INK, handlelength=0.9, handleheight=0.9, borderaxespad=0.4,
    )  # fmt: skip


def label_ends(ax: Axes, x: Any, ys: Sequence[float], texts: Sequence[str], colours: Sequence[str]) -> None:
    """Write a label beside the right end of each line, moved apart where they would overlap.

    Parameters
    ----------
    x : where the lines end, in data units
    ys, texts, colours : one a line; call after the limits of the y axis are set
    """
    low, high = ax.get_ylim()
    height = ax.get_window_extent().height / ax.figure.dpi
    least = 0.17 / height * (high - low)  # 0.17 inch: a line of text of this size
    places = _apart(np.asarray(ys, dtype=float), least, low, high)
    for place, text, colour in zip(places, texts, colours, strict=True):
        ax.annotate(
            text, (x, place), xytext=(6, 0), textcoords="offset points", va="center", fontsize=8.5,
            color=colour, annotation_clip=False,
        )  # fmt: skip


def _apart(ys: np.ndarray, least: float, low: float, high: float) -> np.ndarray:
    """Return positions in the same order, at least so far apart, as near the wanted ones as a sweep gets."""
    order = np.argsort(ys)
    wanted = ys[order].copy()
    for i in range(1, len(wanted)):
        wanted[i] = max(wanted[i], wanted[i - 1] + least)
    top = high
    for i in range(len(wanted) - 1, -1, -1):
        wanted[i] = min(wanted[i], top)
        top = wanted[i] - least
    out = np.empty_like(wanted)
    out[order] = np.maximum(wanted, low + least / 2)  # above the axis line
    return out


def svg(figure: Figure, name: str = "figure") -> str:
    """Return a figure as an SVG element to stand in a page: no prolog, ids of its own, no date.

    Parameters
    ----------
    name : goes before every id, so that two figures on a page do not share one
    """
    buffer = io.StringIO()
    with matplotlib.rc_context(_STYLE):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = re.sub(r'"#', f'"#{name}-', text)
    return re.sub(r"url\(#", f"url(#{name}-", text).strip()
