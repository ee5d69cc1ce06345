"""Cash in the back-test: amounts follow the moves, intervals hold what comes, naive forecasts stand beside."""

import numpy as np
import pandas as pd
import pytest

from simcollect.calibration import History
from simcollect.calibration.backtest import back_test
from simcollect.calibration.cash import amounts, learn_cash
from simcollect.calibration.likelihood import fit
from simcollect.calibration.panel import sequences
from simcollect.calibration.recovery import draw
from simcollect.calibration.statuses import example_model, model


def made(accounts: int, months: int, seed: int) -> History:
    """A history drawn from the default borrower: whoever is not late has paid his bill of 100 or 900."""
    empty = example_model(months)
    drawn = draw(empty, np.zeros(len(empty.free)), accounts, months, seed).panel
    status = np.repeat(drawn.status, drawn.weight.astype(int), axis=0)
    rng = np.random.default_rng(seed)
    bill = rng.choice([10_000.0, 90_000.0], len(status))
    when = pd.period_range("2024-01", periods=months, freq="M").astype(str)
    row, t = np.indices(status.shape)
    paid = np.where(status == 0, bill[:, None], 0.0)
    return History.of(
        months=pd.DataFrame(
            {"account_id": row.ravel().astype(str), "month": np.array(when)[t.ravel()], "status": status.ravel(),
             "bill": np.repeat(bill, months), "payment": paid.ravel()}
        )
    )  # fmt: skip


def test_payments_are_aligned_with_the_statuses_they_belong_to() -> None:
    history = made(300, 5, seed=1)
    data = sequences(history)
    paid = amounts(history, data, "payment")
    assert paid is not None
    assert ((paid > 0) == (data.status == 0)).all()


def test_played_payments_are_those_of_the_same_move_and_size() -> None:
    history = made(4000, 6, seed=2)
    data = sequences(history)
    cash = learn_cash(history, data, int(data.first.min()) + 4)
    assert cash is not None
    ahead = data.first[:, None] + np.arange(6)[None, :] - (data.first.min() + 4)
    played = cash.play(data.status, np.random.default_rng(1), ahead)
    assert (played[:, :5] == 0).all()  # known months are not played
    factor = played[:, 5].max() / 900.0  # the month's common factor
    assert set(np.unique((played[:, 5] / factor).round(6))) <= {0.0, 100.0, 900.0}
    assert ((played[:, 5] > 0) == (data.status[:, 5] == 0)).all()


def test_cash_rolls_and_stages_of_a_known_lender_are_inside_and_beside_naive_forecasts() -> None:
    history = made(4000, 6, seed=3)
    data = sequences(history)
    known = data.until(int(data.first.min()) + 3)
    fitted = fit(model(known, history), np.zeros(29), most=12)
    found = back_test(history, 2, replications=24, fitted=fitted)
    table = found.table.set_index(["group", "figure"])
    assert found.coverage["all"] >= 0.85
    assert table.loc[("cash", "month 2, all"), "inside"]
    assert table.loc[("cash", "month 1, all"), "forecast"] == pytest.approx(
        table.loc[("cash", "month 1, all"), "observed"], rel=0.03
    )
    errors = found.errors()
    assert list(errors.index) == ["stage share", "roll", "cash"]
    assert errors.loc["cash"].max() < 0.2  # a steady lender: all three are close
    assert errors.notna().all(axis=None)


def test_without_payments_there_is_no_cash_and_the_rest_stays() -> None:
    history = made(300, 5, seed=1)
    assert history.months is not None
    bare = History.of(months=history.months[["account_id", "month", "status"]])
    assert learn_cash(bare, sequences(bare), 10**6) is None
