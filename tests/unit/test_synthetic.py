"""The synthetic book shows the figures it is made from, and its dates and amounts agree with each other."""

from __future__ import annotations

import importlib.util
import os
from datetime import date
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from simcollect.errors import InputError
from simcollect.portfolio import Portfolio
from simcollect.portfolio.figures import FIGURES, number, vector
from simcollect.portfolio.rules import due_dates_missed

N = 200_000


@pytest.fixture(scope="module")
def book() -> Portfolio:
    return Portfolio.synthetic(N, seed=11)


def test_the_same_seed_gives_the_same_book_and_another_seed_another() -> None:
    assert Portfolio.synthetic(500, seed=1).digest() == Portfolio.synthetic(500, seed=1).digest()
    assert Portfolio.synthetic(500, seed=1).digest() != Portfolio.synthetic(500, seed=2).digest()


def test_buckets_hold_their_shares(book: Portfolio) -> None:
    share = book.summary()["accounts"].to_numpy()[1:7] / N
    expected = vector("bucket_share")

    assert (np.abs(share - expected) < 5 * np.sqrt(expected / N)).all()
    assert (share > 0).all()


def test_worse_bands_are_later_as_in_taiwan(book: Portfolio) -> None:
    late = book.accounts["dpd"].to_numpy() > 30
    band = book.accounts["risk_band"].cat.codes.to_numpy()
    times = np.array([late[band == b].mean() for b in range(3)]) / late.mean()

    assert times == pytest.approx(vector("times_late_by_band"), rel=0.08)


def test_late_accounts_were_late_before_more_often(book: Portfolio) -> None:
    before = book.accounts["times_30dpd_12m"].to_numpy() > 0
    dpd = book.accounts["dpd"].to_numpy()

    assert before[dpd == 0].mean() == pytest.approx(1 - vector("spells_below_30")[0], abs=0.006)
    assert before[(dpd > 30) & (dpd <= 60)].mean() == pytest.approx(1 - vector("spells_30_59")[0], abs=0.04)


def test_the_oldest_unpaid_due_date_falls_on_the_due_day(book: Portfolio) -> None:
    late = book.accounts[book.accounts["dpd"] > 0]
    oldest = np.datetime64(book.as_of, "D") - late["dpd"].to_numpy()
    day = (oldest - oldest.astype("datetime64[M]")).astype(int) + 1

    assert (day == late["due_day"].to_numpy()).all()


def test_terms_cover_the_overdue_instalments_and_pay_off_the_principal(book: Portfolio) -> None:
    loans = book.accounts[book.accounts["remaining_term"] > 0]
    term, monthly = loans["remaining_term"].to_numpy(), loans["rate_per_year"].to_numpy() / 12
    left = loans["principal"].to_numpy()
    present_value = loans["instalment"].to_numpy() * (1 - (1 + monthly) ** -term) / monthly

    assert (term >= due_dates_missed(loans["dpd"].to_numpy())).all()
    assert np.abs(present_value - left).max() <= 0.51 * term.max()


def test_cards_owe_a_minimum_payment_within_the_bill(book: Portfolio) -> None:
    cards = book.accounts[book.accounts["remaining_term"] == -1]

    assert (cards["product"] == "consumer").all()
    assert (cards["instalment"] <= cards["principal"]).all()
    assert (cards["arrears"] <= cards["principal"]).all()
    large = cards[cards["principal"] > 5_000_000]
    assert (large["instalment"] / large["principal"]).to_numpy() == pytest.approx(0.036, rel=1e-3)


def test_one_account_in_seven_is_a_micro_business(book: Portfolio) -> None:
    micro = book.accounts["product"] == "micro_sme"

    assert micro.sum() == round(number("micro_sme_share") * N)
    assert (book.accounts["sector"].to_numpy() != "")[micro].all()


@pytest.mark.parametrize("n", [1, 2, 7])
def test_small_books_can_be_made(n: int) -> None:
    assert len(Portfolio.synthetic(n, seed=0)) == n


def test_any_as_of_date_works() -> None:
    for day in (date(2024, 2, 29), date(2026, 1, 1), date(2026, 12, 31)):
        assert Portfolio.synthetic(2000, seed=1, as_of=day).as_of == day


def test_amounts_follow_the_currency() -> None:
    yuan = Portfolio.synthetic(500, seed=1).accounts["principal"].sum() / 100
    yen = Portfolio.synthetic(500, seed=1, currency="JPY", country="JP").accounts["principal"].sum()

    assert yen / yuan == pytest.approx(111.0 / 8.1, rel=1e-3)


def test_a_size_or_currency_that_cannot_be_is_refused() -> None:
    with pytest.raises(InputError, match="must be 1 or more"):
        Portfolio.synthetic(0, seed=1)
    with pytest.raises(InputError, match="amounts of this currency are not known"):
        Portfolio.synthetic(5, seed=1, currency="XYZ")


def test_every_figure_has_unit_and_source_and_shares_add_up() -> None:
    for name, figure in FIGURES.items():
        assert figure.unit, name
        assert figure.source, name
        if figure.keys:
            assert len(figure.keys) == len(vector(name)), name
    for name in ("band_share", "consumer_terms", "micro_sme_terms", "regions", "sectors", "spells_60",
                 "spells_30_59", "spells_below_30", "reasons_early", "reasons_deep"):  # fmt: skip
        assert vector(name).sum() == pytest.approx(1, abs=1e-3), name


def estimates() -> ModuleType:
    path = Path(__file__).parents[1] / "estimates" / "portfolio_figures.py"
    spec = importlib.util.spec_from_file_location("portfolio_figures", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def data() -> Path:
    if "SIMCOLLECT_DATA" not in os.environ:
        pytest.skip("SIMCOLLECT_DATA is not set")
    return Path(os.environ["SIMCOLLECT_DATA"])


@pytest.mark.real
def test_lateness_figures_are_those_of_the_panel(data: Path) -> None:
    months = estimates().panel(data)
    shares = estimates().bucket_shares(months)
    stock = [estimates().share_1_to_29(months, number("roll_1_30")), *(shares[k] for k in "1234")]
    stock.append(shares["4"] * estimates().roll_of_120_to_149(months))
    spells = estimates().earlier_spells(months)

    assert vector("bucket_share") == pytest.approx(stock, rel=0.01)
    assert vector("spells_below_30") == pytest.approx(spells["below 30"], abs=2e-4)
    assert vector("spells_30_59") == pytest.approx(spells["30-59"], abs=2e-4)
    assert vector("spells_60") == pytest.approx(spells["60+"], abs=2e-4)


@pytest.mark.real
def test_money_figures_are_those_of_the_cards_and_the_business_loans(data: Path) -> None:
    cards = estimates().taiwan(data)
    bands = estimates().taiwan_bands(cards)
    minimum = estimates().taiwan_minimum_payment(cards)
    business = estimates().small_business(data)

    by_band = {
        "band_share": "share",
        "times_late_by_band": "times_30",
        "times_deep_by_band": "times_60",
        "consumer_log_balance": "log_mean",
        "consumer_log_balance_sd": "log_sd",
    }
    for figure, key in by_band.items():
        assert vector(figure) == pytest.approx([bands[b][key] for b in "ABC"], abs=1e-3), figure
    assert number("minimum_payment_share") == pytest.approx(minimum["share"], abs=5e-4)
    assert number("minimum_payment_floor") == minimum["floor"]
    assert number("micro_sme_log_amount") == pytest.approx(business["log_mean"], abs=1e-3)
    assert number("micro_sme_log_amount_sd") == pytest.approx(business["log_sd"], abs=1e-3)
    assert vector("micro_sme_terms") == pytest.approx(list(business["terms"].values()), abs=1e-3)
