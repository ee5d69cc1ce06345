"""A made-up lender's book whose margins are figures estimated from real data (`figures.py`).

It is a stock on one day: how many are in each bucket of days past due, how often they were late before, what
they owe and on what terms. Bands differ in lateness as the credit-limit bands of Taiwan's cards did. Dates
agree with each other: the oldest unpaid due date, the as-of date less `dpd`, falls on the account's due day.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simcollect.errors import InputError, Problem, nearest
from simcollect.portfolio.buckets import bucket
from simcollect.portfolio.figures import FIGURES, PER_USD, number, vector
from simcollect.portfolio.frame import coded, typed
from simcollect.portfolio.parse import MISSING
from simcollect.portfolio.portfolio import Portfolio, numbered
from simcollect.portfolio.rules import due_dates_missed, fill
from simcollect.portfolio.schema import REVOLVING
from simcollect.units import DAYS_A_MONTH, minor_per_major

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_SIXTY_PLUS: Final = 3  # position in BUCKETS of 61-90


def synthetic(
    n: int, seed: int, as_of: date = date(2026, 6, 30), currency: str = "CNY", country: str = "CN"
) -> Portfolio:
    """Return a synthetic book, 85 % consumer loans and cards, 15 % micro-SME loans; same seed, same book.

    Parameters
    ----------
    n : accounts
    seed : of the random numbers
    as_of : date of the snapshot
    currency : one of `figures.PER_USD`; amounts are of the order of 2005's
    country : ISO 3166 alpha-2 code

    Raises
    ------
    InputError
        `n` is not positive, or the currency is not known.

    Examples
    --------
    >>> book = synthetic(1000, seed=7)
    >>> book.digest() == synthetic(1000, seed=7).digest()
    True
    >>> int((book.accounts["product"] == "micro_sme").sum())
    150
    """
    if n < 1:
        raise InputError(
            [Problem("synthetic", None, "n", str(n), "must be 1 or more", "ask for more accounts")]
        )
    if currency not in PER_USD:
        rule = "amounts of this currency are not known"
        raise InputError([Problem("synthetic", None, "currency", currency, rule, nearest(currency, PER_USD))])
    rng = np.random.default_rng(seed)
    micro = rng.permutation(n) < round(number("micro_sme_share") * n)
    score = rng.normal(size=n)
    band = _bands(score)
    dpd = _days_past_due(rng, band)
    missed = due_dates_missed(dpd)
    term, original = _terms(rng, micro, missed)
    rate = np.where(micro, vector("micro_sme_rate")[band], vector("consumer_rate")[band])
    principal, instalment = _money(
        rng, micro, band, term=term, original=original, rate=rate, currency=currency
    )
    elapsed = np.where(term == REVOLVING, 0, original - term + missed)
    codes = {
        "product": micro.astype(np.int8),
        "risk_band": band,
        "disclosed_reason": _reasons(rng, dpd),
        "mode": np.zeros(n, np.int8),
    }
    plain = {
        "account_id": numbered("S", n),
        "principal": principal,
        "instalment": instalment,
        "rate_per_year": rate,
        "remaining_term": term,
        "due_day": _due_days(rng, dpd, as_of),
        "dpd": dpd,
        "arrears": np.full(n, MISSING),
        "score": np.rint(number("score_mean") + number("score_sd") * score),
        "times_30dpd_12m": _earlier_spells(rng, dpd, band),
        "promises_broken": rng.poisson(number("promises_broken_a_month_late") * np.maximum(missed - 1, 0)),
        "region": _choice(rng, "regions", n),
        "sector": np.where(micro, _choice(rng, "sectors", n), ""),
        "opened": _opened(rng, elapsed, dpd, term, as_of),
    }
    consents = zip(FIGURES["consents"].keys, vector("consents"), strict=True)
    agreed = {f"consent_{channel}": rng.random(n) < share for channel, share in consents}
    named = {name: coded(name, position) for name, position in codes.items()}
    accounts = fill(typed(pd.DataFrame({**plain, **named, **agreed})))
    return Portfolio(accounts, as_of, currency, country, f"synthetic (seed {seed})")


def _bands(score: Floats) -> NDArray[np.int8]:
    """Return A for the best scores, C for the worst, in the shares of the table; score is standard normal."""
    from scipy.special import ndtri

    best, middle, _ = vector("band_share")
    b_from, a_from = -ndtri(best + middle), -ndtri(best)
    return np.where(score >= a_from, 0, np.where(score >= b_from, 1, 2)).astype(np.int8)


def _days_past_due(rng: np.random.Generator, band: NDArray[np.int8]) -> Ints:
    share = vector("bucket_share")
    late, deep = _centred("times_late_by_band"), _centred("times_deep_by_band")
    days = np.zeros(len(band), np.int64)
    for b in range(3):
        rows = np.flatnonzero(band == b)
        # Buckets 1-30 and 31-60 follow the 30+ ratio of the band, deeper ones the 60+ ratio.
        own = share * np.where(np.arange(len(share)) < _SIXTY_PLUS - 1, late[b], deep[b])
        position = rng.choice(len(own) + 1, len(rows), p=[1 - own.sum(), *own])
        days[rows] = np.where(position > 1, 30 * (position - 1) + rng.integers(1, 31, len(rows)), 0)
        early = rows[position == 1]
        days[early] = _early_days(rng, len(early))
    return days


def _early_days(rng: np.random.Generator, n: int) -> Ints:
    """Days late within 1-30: in a stock, a day is as common as accounts that stay late at least so long.

    A share rolls on beyond 30 days; the days late of the others are log-normal.
    """
    from scipy.special import ndtr

    days = np.arange(1, 31)
    paying = ndtr((number("days_late_log_mean") - np.log(days)) / number("days_late_log_sd"))
    weight = number("roll_1_30") + (1 - number("roll_1_30")) * paying
    return rng.choice(days, n, p=weight / weight.sum())


def _centred(name: str) -> Floats:
    """Return multiples by band scaled so that their mean over the bands is one."""
    times = vector(name)
    return times / (times @ vector("band_share"))


def _earlier_spells(rng: np.random.Generator, dpd: Ints, band: NDArray[np.int8]) -> Ints:
    late = _centred("times_late_by_band")
    spells = np.zeros(len(dpd), np.int64)
    for name, rows, by_band in (
        ("spells_below_30", dpd <= 30, True),
        ("spells_30_59", (dpd > 30) & (dpd <= 60), False),
        ("spells_60", dpd > 60, False),
    ):
        shares = vector(name)
        some = shares[1:] / shares[1:].sum()
        # Those who are late now are already sorted by band; those who are not carry the band's ratio.
        any_spell = (1 - shares[0]) * (late[band] if by_band else 1.0)
        has = rows & (rng.random(len(dpd)) < any_spell)
        spells[has] = rng.choice([1, 2, 3], int(has.sum()), p=some)
    return spells


def _terms(rng: np.random.Generator, micro: NDArray[np.bool_], missed: Ints) -> tuple[Ints, Ints]:
    """Return remaining terms (-1 for cards) and original ones; each month of a loan's life is as common."""
    n = len(micro)
    revolving = ~micro & (rng.random(n) < number("revolving_share"))
    original = np.where(micro, _choice(rng, "micro_sme_terms", n), _choice(rng, "consumer_terms", n)).astype(
        np.int64
    )
    least = np.maximum(missed, 1)
    original = np.maximum(original, least)
    remaining = rng.integers(least, original + 1)
    return np.where(revolving, REVOLVING, remaining), np.where(revolving, 0, original)


def _money(
    rng: np.random.Generator, micro: NDArray[np.bool_], band: NDArray[np.int8], *, term: Ints, original: Ints,
    rate: Floats, currency: str,
) -> tuple[Ints, Ints]:  # fmt: skip
    """Return principal and instalment in minor units."""
    per_ntd = PER_USD[currency] / PER_USD["TWD"]
    z = rng.normal(size=len(micro))
    balance = per_ntd * np.exp(
        vector("consumer_log_balance")[band] + vector("consumer_log_balance_sd")[band] * z
    )
    lent = np.minimum(
        np.exp(number("micro_sme_log_amount") + number("micro_sme_log_amount_sd") * z),
        number("micro_sme_largest"),
    )
    lent = np.rint(lent / 100) * 100 * PER_USD[currency]
    monthly = rate / 12
    left = -np.expm1(-np.maximum(term, 1) * np.log1p(monthly))
    whole = -np.expm1(-np.maximum(original, 1) * np.log1p(monthly))
    principal = np.where(micro, lent * left / whole, balance)
    floor = number("minimum_payment_floor") * per_ntd
    minimum = np.minimum(np.maximum(number("minimum_payment_share") * principal, floor), principal)
    # The annuity of what is left over the months left is the annuity of the whole over the whole term.
    instalment = np.where(term == REVOLVING, minimum, principal * monthly / left)
    minor = minor_per_major(currency)
    return _in_minor(principal, minor), _in_minor(instalment, minor)


def _in_minor(amount: Floats, minor: int) -> Ints:
    return np.rint(np.maximum(amount * minor, 1)).astype(np.int64)


def _due_days(rng: np.random.Generator, dpd: Ints, as_of: date) -> Ints:
    """Return due days: of late accounts that of the oldest unpaid due date, of others any up to the 28th."""
    oldest = (np.datetime64(as_of, "D") - dpd).astype("datetime64[D]")
    day = (oldest - oldest.astype("datetime64[M]")).astype(np.int64) + 1
    return np.where(dpd > 0, day, rng.integers(1, 29, len(dpd)))


def _opened(
    rng: np.random.Generator, elapsed: Ints, dpd: Ints, term: Ints, as_of: date
) -> NDArray[np.datetime64]:
    """Return opening days that fit the instalments passed, and that lie before the oldest unpaid due date."""
    loan = np.ceil(elapsed * DAYS_A_MONTH).astype(np.int64) + rng.integers(0, 30, len(dpd))
    card = dpd + 31 + rng.integers(0, int(number("card_age_years") * 365.25), len(dpd))
    age = np.where(term == REVOLVING, card, loan)
    return (np.datetime64(as_of, "D") - age).astype("datetime64[s]")


def _reasons(rng: np.random.Generator, dpd: Ints) -> NDArray[np.int8]:
    """Return reasons as positions in the schema's codes; early and deep mixes blend over the buckets."""
    where = bucket(dpd).astype(np.int64)
    told = (where > 0) & (rng.random(len(dpd)) < np.concatenate([[0.0], vector("reason_disclosed")])[where])
    deepness = np.clip((where - 1) / 3, 0, 1)[:, None]
    mix = (1 - deepness) * vector("reasons_early") + deepness * vector("reasons_deep")
    drawn = 1 + (rng.random(len(dpd))[:, None] > np.cumsum(mix, axis=1)[:, :-1]).sum(axis=1)
    return np.where(told, drawn, 0).astype(np.int8)


def _choice(rng: np.random.Generator, name: str, n: int) -> NDArray[np.object_]:
    figure = FIGURES[name]
    cumulative = np.cumsum(vector(name))[:-1]
    return np.array(figure.keys, dtype=object)[np.searchsorted(cumulative, rng.random(n), side="right")]
