"""What a lender gets who sells charged-off debt instead of placing it with an agency."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from simcollect.behaviour import Behaviour
from simcollect.behaviour.states import AGENCY, CLOSED, PLAN
from simcollect.economy import Scenario
from simcollect.optimisation.model import build_model
from simcollect.portfolio import Portfolio
from simcollect.simulation import simulate
from simcollect.strategy import Resources, Strategy

FLAT = Scenario(name="flat", unemployment={"change_12m": [0.0]})
PRICE = float(Behaviour.default()["sale.price"])


@pytest.fixture(scope="module")
def book() -> Portfolio:
    whole = Portfolio.synthetic(40_000, seed=2, as_of=date(2026, 5, 31))
    return whole.subset((whole.accounts["mode"] == "open") & (whole.accounts["dpd"] > 120)).head(300)


def test_sold_debt_brings_its_price_at_once_and_is_gone(book: Portfolio) -> None:
    selling = Resources(teams={}, after_chargeoff="sale")
    run = simulate(
        book, Strategy.named("do_nothing"), FLAT, days=100, seed=1, resources=selling, events=True, check=True
    )
    written_off = run.daily["written_off"].sum()
    assert run.daily["cash_sale"].sum() == pytest.approx(PRICE * written_off, rel=1e-4)
    assert run.daily["cash_agency"].sum() == 0
    assert run.summary().loc["cash_sale", "mean"] > 0
    story = run.history(run.events.loc[run.events["what"] == "debt sale", "account_id"].iloc[0])
    assert story["what"].tail(3).tolist() == ["charged off", "debt sale", "closed"]
    assert run.costs().loc["agency_fees", "mean"] == 0


def test_an_agency_is_the_default_and_buys_nothing(book: Portfolio) -> None:
    run = simulate(book, Strategy.named("do_nothing"), FLAT, days=100, seed=1, resources=Resources(teams={}))
    assert run.daily["cash_sale"].sum() == 0 < run.daily["cash_agency"].sum()


def test_the_plan_knows_the_price(book: Portfolio) -> None:
    models = {
        way: build_model(book, FLAT, Resources(teams={}, after_chargeoff=way), weeks=4) for way in ("agency", "sale")
    }
    kernel, rows = models["sale"].chain.kernel, slice((AGENCY - PLAN) * 5, (AGENCY - PLAN + 1) * 5)
    np.testing.assert_allclose(models["sale"].terms.mode_balance[rows], PRICE)
    for row in range(rows.start, rows.stop):
        entries = slice(kernel.mode_ptr[row], kernel.mode_ptr[row + 1])
        assert kernel.mode_prob[entries][kernel.mode_dest[entries] == CLOSED].sum() == 1.0
    # A buyer pays the same for all; an agency brings more of those who can pay.
    worth = {way: model.segments[0].end[AGENCY, 0] for way, model in models.items()}
    np.testing.assert_allclose(worth["sale"], worth["sale"][0])
    assert worth["agency"][0] > worth["agency"][4] > 0


def test_a_way_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="after_chargeoff"):
        Resources(teams={}, after_chargeoff="auction")
