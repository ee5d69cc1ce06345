"""Logs drawn from known parameters: talks, promises, offers, law and contact effects come back into the table."""

import numpy as np
import pandas as pd
import pytest

from simcollect.behaviour import Behaviour
from simcollect.behaviour.parameters import CHANNELS, DEFAULTS, LEGAL_STAGES, OFFERS
from simcollect.calibration import Calibration, History, calibrate
from simcollect.calibration.mix import overdue_mix
from simcollect.calibration.response import EARLY, paid_within

AGES = ((1, 30), (31, 60), (61, 90), (91, 180))
WINDOW = 14
MIX = overdue_mix(Behaviour.default(), 0, reached=True)


def talks(n: int, seed: int, by_age: tuple[float, ...]) -> pd.DataFrame:
    """Calls that reached the customer; the share that promises is given by age group."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 4, n)
    late = np.array([rng.integers(low, high + 1) for low, high in np.array(AGES)[group]])
    promised = rng.uniform(size=n) < np.array(by_age)[group]
    return pd.DataFrame({"what": "call", "outcome": np.where(promised, "promised", "right_party"), "days_late": late})


def shown(found: Calibration, entry: str, g: int) -> float:
    """The share that the table's mix of behaviours shows in an age group."""
    return float(MIX[g] @ found.behaviour[entry][:, g])


def test_promises_by_age_come_back_and_their_intervals_cover() -> None:
    truth, inside = (0.30, 0.25, 0.20, 0.15), 0
    for seed in range(10):
        found = calibrate(History.of(events=talks(1500, seed, truth)))
        draws = found.draws(60, seed)
        for g, share in enumerate(truth):
            drawn = np.array([MIX[g] @ b["talk.promise"][:, g] for b in draws])
            low, high = np.quantile(drawn, [0.025, 0.975])
            inside += bool(low <= share <= high)
    assert 35 <= inside <= 40
    assert shown(found, "talk.promise", 0) == pytest.approx(0.30, abs=0.05)
    assert "talk.promise[1-30]" in set(found.table["parameter"])


def test_an_age_group_hardly_seen_moves_with_the_others_and_is_known_less() -> None:
    log = talks(3000, 1, (0.2, 0.15, 0.12, 0.10))
    found = calibrate(History.of(events=log[(log["days_late"] <= 60)]))
    last = found.table.set_index("parameter").loc["talk.promise[90+]"]
    first = found.table.set_index("parameter").loc["talk.promise[1-30]"]
    assert last["estimate"] < 0.95 * last["default"]  # as the others, it lies below the default
    assert (last["identified"], first["identified"]) == ("no", "yes")
    assert "0 talks" in last["why"]


def test_kept_promises_refusals_and_hardship_are_counted() -> None:
    rng = np.random.default_rng(3)
    ends = rng.choice(["promised", "hardship", "refused", "right_party"], 4000, p=[0.3, 0.15, 0.05, 0.5])
    calls = pd.DataFrame({"what": "call", "outcome": ends, "days_late": 20})
    kept = pd.DataFrame({"what": "promise", "outcome": rng.choice(["kept", "broken"], 2000, p=[0.5, 0.5]),
                         "days_late": 20})  # fmt: skip
    found = calibrate(History.of(events=pd.concat([calls, kept], ignore_index=True)))
    assert float(MIX[0] @ found.behaviour["talk.hardship"]) == pytest.approx(0.15, abs=0.02)
    assert float(MIX[0] @ found.behaviour["talk.refuse"]) == pytest.approx(0.05, abs=0.02)
    promisers = MIX[0] * DEFAULTS["talk.promise"].array()[:, 0]
    assert float(promisers @ found.behaviour["talk.keep"][:, 0] / promisers.sum()) == pytest.approx(0.5, abs=0.04)


def test_offers_go_to_their_own_row_by_name() -> None:
    rng = np.random.default_rng(4)
    kind = rng.choice(list(OFFERS[:2]), 3000)
    taken = rng.uniform(size=3000) < np.where(kind == OFFERS[0], 0.4, 0.1)
    log = pd.DataFrame({"what": "offer", "kind": kind, "outcome": np.where(taken, "accepted", "refused")})
    entry = calibrate(History.of(events=log)).behaviour["offer.accept"]
    assert entry.shape == DEFAULTS["offer.accept"].array().shape
    shares = entry @ MIX.mean(axis=0)
    assert shares[0] == pytest.approx(0.4, abs=0.04)
    assert shares[1] == pytest.approx(0.1, abs=0.03)


def test_durations_of_law_are_censored_where_the_log_ends_and_judgments_are_counted() -> None:
    rng = np.random.default_rng(5)
    rows, mean = [], (3.0, 6.0, 20.0, 30.0)
    for i in range(600):
        day = pd.Timestamp("2022-01-03") + pd.Timedelta(days=int(rng.integers(0, 500)))
        for s, stage in enumerate(LEGAL_STAGES):
            if day > pd.Timestamp("2023-12-31"):
                break
            won = "won" if rng.uniform() < 0.8 else "lost"
            rows.append((str(i), day, "legal", stage, won if stage == "judgment" else "unknown"))
            day += pd.Timedelta(days=float(rng.exponential(7 * mean[s])))
    log = pd.DataFrame(rows, columns=["account_id", "date", "what", "kind", "outcome"])
    found = calibrate(History.of(events=log))
    table = found.table.set_index("parameter")
    for stage, weeks in zip(LEGAL_STAGES[:3], mean, strict=False):
        row = table.loc[f"legal.weeks[{stage}]"]
        assert row["low"] - 0.15 * weeks <= weeks <= row["high"] + 0.15 * weeks, stage  # whole days round durations
    assert found.behaviour["legal.judgment"] == pytest.approx(0.8, abs=0.05)
    assert "legal.pay" in set(found.kept["parameter"])  # nobody paid: nothing learned


def contacts(n: int, seed: int, what: str, factor: float, chance: bool) -> pd.DataFrame:
    """Accounts contacted or not, paying as the daily law says, with the effect multiplied by a factor."""
    rng = np.random.default_rng(seed)
    channel = None if what == "call" else CHANNELS.index("sms")
    mix = overdue_mix(Behaviour.default(), 0, reached=channel is None)
    without, with_ = paid_within(Behaviour.default(), mix, EARLY, WINDOW, channel, factor)
    likely = rng.uniform(-0.05, 0.05, n)
    treated = rng.uniform(size=n) < (0.5 if chance else np.where(likely > 0, 1.0, 0.0))
    paid = rng.uniform(size=n) < np.where(treated, with_, without) + likely
    return pd.DataFrame(
        {"what": what, "channel": "sms", "outcome": np.where(paid, "paid", "failure"), "treated": treated,
         "randomised": chance, "window": WINDOW, "score": likely}
    )  # fmt: skip


@pytest.mark.parametrize(("what", "entry"), [("call", "attention.effect"), ("message", "message.effect")])
def test_a_randomised_hold_out_moves_the_effect_in_the_table_as_far_as_it_is_sure(what: str, entry: str) -> None:
    exact = calibrate(History.of(events=contacts(400_000, 6, what, 2.0, chance=True)))
    row = exact.table.set_index("parameter").filter(like=entry, axis=0).iloc[0]
    ratio = row["estimate"] / row["default"]
    assert ratio == pytest.approx(2.0, abs=3.5 * row["standard_error"] / row["default"])
    assert ratio > 1.3
    few = calibrate(History.of(events=contacts(400, 6, what, 2.0, chance=True)))
    unsure = few.table.set_index("parameter").filter(like=entry, axis=0).iloc[0]
    assert unsure["standard_error"] > 3 * row["standard_error"]
    assert unsure["identified"] == "no"


def test_without_overlap_the_effect_stays_at_its_evidence_default_and_the_report_says_why() -> None:
    found = calibrate(History.of(events=contacts(5000, 7, "call", 1.0, chance=False)))
    assert np.array_equal(found.behaviour["attention.effect"], DEFAULTS["attention.effect"].array())
    why = found.kept.set_index("parameter")["why"]["attention.effect"]
    assert why.startswith("stays at its evidence default")
    assert "counterpart" in why
    assert "NOT an effect of contact" in found.summary()


def test_hours_of_live_answers_keep_the_mean_at_one() -> None:
    rng = np.random.default_rng(8)
    hour = rng.integers(8, 18, 60_000)
    live = rng.uniform(size=hour.size) < np.where(hour == 12, 0.40, 0.20)
    log = pd.DataFrame({"what": "call", "hour": hour, "outcome": np.where(live, "right_party", "no_answer")})
    index = calibrate(History.of(events=log)).behaviour["call.hour_index"]
    assert index.mean() == pytest.approx(1.0)
    assert index[4] / np.delete(index, 4).mean() == pytest.approx(2.0, rel=0.1)
