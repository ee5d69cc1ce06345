"""Numbers as people read them: amounts with their currency, shares, intervals, names without underscores."""

from __future__ import annotations

import math

MINUS = "−"
UNKNOWN = "–"
_SCALES = ((1e9, "billion"), (1e6, "million"))


def money(amount: float, currency: str, *, signed: bool = False) -> str:
    """Return an amount in major units with its currency, three digits from a million on.

    Examples
    --------
    >>> money(1_234_567, "CNY"), money(-340.4, "CNY"), money(52_000, "USD", signed=True)
    ('CNY 1.23 million', '−CNY 340', '+CNY 52,000')
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
    for scale, word in _SCALES:
        # Compared as it will be printed, so that 999,999.7 does not become 1,000,000 among millions.
        if round(size) >= scale:
            scaled = size / scale
            return f"{scaled:,.{2 if scaled < 10 else 1 if scaled < 100 else 0}f} {word}"
    return f"{size:,.2f}" if 0 < size < 10 else f"{size:,.0f}"


def _sign(number: float, signed: bool) -> str:
    return MINUS if number < 0 else "+" if signed and number > 0 else ""
