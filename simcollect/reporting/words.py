"""Numbers as people read them: amounts with their currency, shares, intervals, names without underscores."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

MINUS = "−"
UNKNOWN = "–"
_SCALES = ((1e9, "billion"), (1e6, "million"))


def money(amount: float, currency: str, *, signed: bool = False) -> str:
    """Return an amount in major units with its currency, to three digits from ten thousand on.

    Examples
    --------
    >>> money(1_234_567, "CNY"), money(-340.4, "CNY"), money(52_345, "USD", signed=True)
    ('CNY 1.23 million', '−CNY 340', '+USD 52,300')
    """
    if not math.isfinite(amount):
        return UNKNOWN
    return f"{_sign(amount, signed)}{currency} {_size(abs(amount))}"


def money_range(low: float, high: float, currency: str) -> str:
    """Return an interval of amounts.

    Examples
    --------
    >>> money_range(-1200, 2_500_000, "CNY")
    '−CNY 1,200 to +CNY 2.50 million'
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return "not known: one replication"
    return f"{money(low, currency, signed=True)} to {money(high, currency, signed=True)}"


def count(number: float) -> str:
    """Return a number of things: whole from ten on, one decimal below.

    Examples
    --------
    >>> count(12345.6), count(3.14159), count(2.0), count(-3.0)
    ('12,346', '3.1', '2', '−3')
    """
    if not math.isfinite(number):
        return UNKNOWN
    size = abs(number)
    text = f"{size:,.0f}" if size >= 10 or size == round(size) else f"{size:.1f}"
    return f"{_sign(number, False) if text != '0' else ''}{text}"


def percent(share: float, digits: int = 1) -> str:
    """Return a share in per cent.

    Examples
    --------
    >>> percent(0.0314), percent(-0.2, 0)
    ('3.1 %', '−20 %')
    """
    if not math.isfinite(share):
        return UNKNOWN
    return f"{_sign(share, False)}{abs(share) * 100:.{digits}f} %"


def scale_of(amounts: Iterable[float]) -> tuple[float, str]:
    """Return the scale in which amounts of a column read best, and its word with a space before it.

    Examples
    --------
    >>> scale_of([709e6, 691e6]), scale_of([-340.0, 12.0])
    ((1000000.0, ' million'), (1.0, ''))
    """
    reach = max((abs(amount) for amount in amounts if math.isfinite(amount)), default=0.0)
    return next(
        ((scale, f" {word}") for scale, word in (*_SCALES, (1e3, "thousand")) if reach >= 2 * scale),
        (1.0, ""),
    )


def scaled(amount: float, scale: float, *, signed: bool = False) -> str:
    """Return an amount in a scale that a heading names.

    Examples
    --------
    >>> scaled(-387_367.2, 1e6, signed=True), scaled(709_363_000.0, 1e6), scaled(17.0, 1.0)
    ('−0.39', '709.4', '17')
    """
    if not math.isfinite(amount):
        return UNKNOWN
    size = abs(amount) / scale
    digits = 0 if scale == 1 or size >= 1000 else 1 if size >= 100 else 2
    text = f"{size:,.{digits}f}"
    return text if float(text.replace(",", "")) == 0 else _sign(amount, signed) + text


def unbroken(text: str) -> str:
    """Return a text whose numbers stay on one line with their units.

    Examples
    --------
    >>> unbroken("CNY 1.23 million, 95 %") == "CNY\u00a01.23\u00a0million, 95\u00a0%"
    True
    """
    text = re.sub(r"(?<=\d) (?=(?:%|million|billion)(?:\W|$))", "\u00a0", text)
    return re.sub(r"\b([A-Z]{3}) (?=\d)", "\\1\u00a0", text)


def label(name: object) -> str:
    """Return a name of a file or column as words.

    Examples
    --------
    >>> label("highest_score_first"), label("on_plan")
    ('highest score first', 'on plan')
    """
    return str(name).replace("_", " ")


def sentence(text: str) -> str:
    """Return a text that begins with a capital; only the first letter changes.

    Examples
    --------
    >>> sentence("today's way in CNY")
    "Today's way in CNY"
    """
    return text[:1].upper() + text[1:]


def listing(parts: list[str]) -> str:
    """Return things in a row, as in a sentence.

    Examples
    --------
    >>> listing(["early", "late", "desk"])
    'early, late and desk'
    """
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1] if parts else ""


def _size(size: float) -> str:
    if size >= 1e4:
        size = float(f"{size:.3g}")  # before the scale is chosen, so that 999,999.7 becomes 1.00 million
    for scale, word in _SCALES:
        if size >= scale:
            scaled = size / scale
            return f"{scaled:,.{2 if scaled < 10 else 1 if scaled < 100 else 0}f} {word}"
    return f"{size:,.2f}" if 0 < size < 10 else f"{size:,.0f}"


def _sign(number: float, signed: bool) -> str:
    return MINUS if number < 0 else "+" if signed and number > 0 else ""
