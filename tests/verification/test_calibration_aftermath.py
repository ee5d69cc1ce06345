"""Logs drawn from known parameters: attention that fades, plans that are missed, debt with an agency."""

import numpy as np
import pandas as pd
import pytest

from simcollect.behaviour import Behaviour
from simcollect.behaviour.law import age_group, day_bin
from simcollect.behaviour.parameters import DEFAULTS
from simcollect.calibration import Calibration, History, calibrate
from simcollect.calibration.mix import agency_mix, overdue_mix, plan_mix
from simcollect.calibration.response import EARLY, paid_within

DEFAULT = Behaviour.default()
DAY = np.timedelta64(1, "D")


def experiment(n: int, decay: float, seed: int) -> pd.DataFrame:
    """Accounts 40 days late, half of them (drawn) spoken to; each lives day by day by the law, with its own class."""
    rng = np.random.default_rng(seed)
    law, late = DEFAULT.law(), 40
    b = rng.choice(5, n, p=overdue_mix(DEFAULT, 0, reached=True)[age_group(late)])
    treated = rng.uniform(size=n) < 0.5
    promised = treated & (rng.uniform(size=n) < law.promise[b, age_group(late)])
    level = np.where(treated & ~promised, 2, 0)
    paid, begun = np.full(n, -1), rng.integers(0, 200, n)
    for t in range(1, 57):
        open_ = paid < 0
        rate = law.base[b, day_bin(law.bins, late + t)] * (1 + law.attention[level, b])
        paid[open_ & ~promised & (rng.uniform(size=n) < -np.expm1(-rate))] = t
        if t == law.horizon:
            kept = promised & (rng.uniform(size=n) < law.keep[b, age_group(late)])
            paid[kept] = t
            level[promised & ~kept] = 2
            promised[:] = False
        if t % 7 == 0:
            level -= (level > 0) & (rng.uniform(size=n) < decay)
    start = np.datetime64("2023-01-02")
    ids = np.arange(n).astype(str)
    cases = pd.DataFrame({"account_id": ids, "date": start + begun * DAY, "what": "call", "treated": treated,
                          "randomised": True, "days_late": late})  # fmt: skip
    came = paid > 0
    money = pd.DataFrame({"account_id": ids[came], "date": start + (begun + paid)[came] * DAY, "what": "payment"})
    end = pd.DataFrame({"account_id": ["last"], "date": [start + 256 * DAY], "what": ["payment"]})
    return pd.concat([cases, money, end], ignore_index=True)


def row(found: Calibration, name: str) -> pd.Series:
    return found.table.set_index("parameter").loc[name]


def test_attention_that_is_lost_sooner_brings_fewer_payments() -> None:
    mix = overdue_mix(DEFAULT, 0, reached=True)
    shares = [paid_within(DEFAULT.replace({"attention.decay": x}), mix, EARLY, 56, None)[1] for x in (0.05, 0.4, 0.9)]
    assert shares[0] > shares[1] > shares[2]
    assert paid_within(DEFAULT.replace({"attention.decay": 0.9}), mix, EARLY, 6, None)[1] == pytest.approx(
        paid_within(DEFAULT, mix, EARLY, 6, None)[1]
    )  # in the first week nothing is lost


def test_how_long_attention_lasts_comes_back_from_contacts_that_chance_allotted() -> None:
    covered, estimates = 0, []
    for seed, decay in enumerate((0.15, 0.15, 0.7, 0.7)):
        one = row(calibrate(History.of(events=experiment(120_000, decay, seed))), "attention.decay")
        covered += one["low"] <= decay <= one["high"]
        estimates.append(one["estimate"])
    assert covered >= 3
    assert max(estimates[:2]) < min(estimates[2:])


def test_without_chance_or_without_payments_the_decay_stays_and_the_report_says_why() -> None:
    log = experiment(4000, 0.4, 1)
    for broken in (log.assign(randomised=log["randomised"].where(log["randomised"].isna(), False)),
                   log[log["what"].ne("payment")]):  # fmt: skip
        found = calibrate(History.of(events=broken))
        why = found.kept.set_index("parameter")["why"]["attention.decay"]
        assert "randomised hold-out, and the dates of payments" in why


def test_missed_instalments_of_plans_move_the_miss_of_every_behaviour_and_the_interval_covers() -> None:
    covered, mix = 0, plan_mix(DEFAULT, 0)
    miss = DEFAULTS["plan.miss"].array()
    truth = 1.8 * miss / (1 - miss) / (1 + 1.8 * miss / (1 - miss))  # log-odds shifted by ln 1.8
    cut = DEFAULT["offer.cut"][1]
    for seed in range(20):
        rng = np.random.default_rng(seed)
        b = rng.choice(5, 1500, p=mix)
        broken = rng.uniform(size=b.size) < 1 - (1 - truth[b]) ** np.exp(-DEFAULT["plan.relief"] * cut)
        log = pd.DataFrame({"what": "plan", "kind": "instalment_plan", "outcome": np.where(broken, "broken", "kept")})
        one = row(calibrate(History.of(events=log)), "plan.miss")
        covered += one["low"] <= truth.mean() <= one["high"]
    assert covered >= 18
    assert one["identified"] == "yes"


def test_payments_to_the_agency_give_how_often_how_much_and_how_fast_they_dry_up() -> None:
    inside = {"agency.collects": 0, "agency.exit": 0, "agency.share": 0}
    mix, leave = agency_mix(DEFAULT, 0), 0.03
    collects = 0.5 * DEFAULT["agency.collects"]
    for seed in range(20):
        rng = np.random.default_rng(seed)
        n, weeks = 1500, 100
        b, day = rng.choice(5, n, p=mix), rng.integers(0, 300, n)
        start, rows = np.datetime64("2021-01-04"), []
        alive = np.ones(n, np.bool_)
        for w in range(weeks):
            pays = alive & (rng.uniform(size=n) < collects[b])
            rows += [(str(i), start + (day[i] + 7 * w + 3) * DAY, "", "paid", rng.uniform(0.02, 0.10))
                     for i in np.flatnonzero(pays) if day[i] + 7 * w + 3 <= 700]  # fmt: skip
            alive &= rng.uniform(size=n) >= leave
        rows += [(str(i), start + day[i] * DAY, "placed", "unknown", np.nan) for i in range(n)]
        rows.append(("last", start + 700 * DAY, "", "unknown", np.nan))
        log = pd.DataFrame(rows, columns=["account_id", "date", "kind", "outcome", "share"]).assign(what="agency")
        found = calibrate(History.of(events=log))
        for name, truth in (("agency.collects", collects.mean()), ("agency.exit", leave), ("agency.share", 0.06)):
            one = row(found, name)
            inside[name] += one["low"] <= truth <= one["high"]
    assert min(inside.values()) >= 17, inside
