"""The weekly kernels: probabilities, the states they lead to, and money that lateness alone does not create."""

import numpy as np
import pytest

from simcollect.behaviour import Behaviour
from simcollect.behaviour.chain import Chain, build_chain, move_hidden, row_of, step
from simcollect.behaviour.classes import N_HIDDEN
from simcollect.behaviour.law import MAX_DUE, MONTH, day_bin
from simcollect.behaviour.states import AGENCY, EARLY, N_STATES, PLAN, describe, open_state
from simcollect.behaviour.week import ALL_HIGH, ALL_LOW, ATTEMPTS, CASH, MESSAGES, N_STATS, TALKS
from simcollect.strategy import Catalogue


@pytest.fixture(scope="module")
def chain() -> Chain:
    return build_chain(Behaviour.default(), Catalogue.default().acts(), [1.0, 1.1])


def test_every_row_of_every_season_is_a_distribution(chain: Chain) -> None:
    kernel = chain.kernel
    filled = np.diff(kernel.ptr) > 0
    for season in range(2):
        totals = np.add.reduceat(kernel.prob[season], kernel.ptr[:-1][filled])
        np.testing.assert_allclose(totals, 1.0, atol=1e-12)
    modes = np.add.reduceat(kernel.mode_prob, kernel.mode_ptr[:-1])
    np.testing.assert_allclose(modes, 1.0, atol=1e-12)


def test_waiting_uses_nothing_and_reaches_nobody(chain: Chain) -> None:
    waiting = slice(row_of(0, -6, 0, 0), row_of(1, -6, 0, 0))
    assert not chain.kernel.stats[0, waiting][:, [MESSAGES, ATTEMPTS, TALKS]].any()


def test_survival_of_a_waiting_week_is_the_product_of_seven_days() -> None:
    """A hand calculation of one row: a forgetful borrower, spoken to once, in the third week late."""
    behaviour = Behaviour.default()
    law = behaviour.law()
    chain = build_chain(behaviour, Catalogue.default().acts()[:1], [1.0])
    w, level, b = 2, 2, 1
    rate = sum(law.base[b, day_bin(law.bins, 7 * w + day)] * (1 + law.attention[level, b]) for day in range(7))
    row = row_of(0, w, level, b)
    kernel = chain.kernel
    entries = slice(kernel.ptr[row], kernel.ptr[row + 1])
    stays = kernel.dest[entries, 0, 0] == open_state(w + 1, level, 0, 0)
    paying = 1 - np.exp(-rate)
    part_that_stays = paying * law.partial[0] * (1 - law.part_size)
    assert kernel.prob[0, entries][stays].sum() == pytest.approx(np.exp(-rate) + part_that_stays, rel=1e-12)
    cash = kernel.stats[0, row]
    assert cash[CASH] + cash[ALL_LOW] + cash[ALL_HIGH] == pytest.approx(
        paying * (1 - law.partial[0] * (1 - law.part_size)), rel=1e-12
    )


def test_a_payment_moves_the_mean_age_back_by_one_month(chain: Chain) -> None:
    kernel = chain.kernel
    weeks = describe()["week"].to_numpy(dtype=float)
    row = row_of(0, 2, 0, 0)
    entries = slice(kernel.ptr[row], kernel.ptr[row + 1])
    paid = kernel.paid[entries] == 1
    prob, dest = kernel.prob[0, entries][paid], kernel.dest[entries, 0, 0][paid]
    assert (prob * weeks[dest]).sum() / prob.sum() == pytest.approx(3 - MONTH / 7, abs=1e-9)


def test_the_last_week_ends_in_charge_off(chain: Chain) -> None:
    kernel = chain.kernel
    row = row_of(0, 25, 0, 4)
    entries = slice(kernel.ptr[row], kernel.ptr[row + 1])
    assert AGENCY in kernel.dest[entries, 0, 0]
    assert kernel.prob[0, entries][kernel.dest[entries, 0, 0] == AGENCY].sum() > 0.9


def test_a_graver_reason_stays_known_until_the_account_is_current(chain: Chain) -> None:
    kernel = chain.kernel
    flags = describe()["flag"].to_numpy()
    call = Catalogue.default().code("call")
    row = row_of(call, 8, 0, 3)
    entries = slice(kernel.ptr[row], kernel.ptr[row + 1])
    open_ = (kernel.dest[entries, 3, 1] < PLAN) & (kernel.dest[entries, 3, 1] >= EARLY)
    unpaid = kernel.paid[entries] == 0
    assert set(flags[kernel.dest[entries, 3, 1][open_ & unpaid]]) == {"hardship"}


def test_mass_is_conserved_through_a_year(chain: Chain) -> None:
    mass = np.zeros((N_STATES, N_HIDDEN))
    mass[open_state(-4, 0, 0, 0)] = np.arange(1.0, 9.0)
    call = np.where(Catalogue.default().allowed()[5], 5, 0).astype(np.int8)
    moved, after = np.empty_like(mass), np.empty_like(mass)
    totals = np.zeros((len(Catalogue.default()), N_STATS + 2))
    for _ in range(52):
        move_hidden(mass, 0.003, 0.04, chain.kernel, moved)
        step(moved, call, 0, np.full(MAX_DUE + 1, 0.02), chain.kernel, after, totals)
        mass = after.copy()
    assert mass.sum() == pytest.approx(36.0, rel=1e-12)
    assert (mass >= 0).all()


def test_every_action_only_works_by_its_stated_mechanism() -> None:
    """An action without any effect is as good as waiting: same ends, week by week."""
    numb = Behaviour.default().replace(
        {
            "message.effect": np.zeros((7, 5)),
            "message.clears": np.zeros(7),
            "attention.effect": np.zeros((4, 5)),
            "message.read": np.zeros(7),
        }
    )
    chain = build_chain(numb, Catalogue.default().acts()[:2], [1.0])
    kernel = chain.kernel
    for w in (-1, 0, 7):
        for b in range(5):
            wait, sms = row_of(0, w, 0, b), row_of(1, w, 0, b)
            ends: list[dict[int, float]] = [{}, {}]
            for found, row in zip(ends, (wait, sms), strict=True):
                for n in range(kernel.ptr[row], kernel.ptr[row + 1]):
                    found[int(kernel.dest[n, 0, 0])] = found.get(int(kernel.dest[n, 0, 0]), 0.0) + kernel.prob[0, n]
            assert ends[0].keys() == ends[1].keys()
            assert all(ends[0][key] == pytest.approx(ends[1][key], rel=1e-12) for key in ends[0])
