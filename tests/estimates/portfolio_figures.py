"""Estimate, from the real data sets, the figures that `simcollect/portfolio/figures.py` carries.

Run ``python tests/estimates/portfolio_figures.py FOLDER`` to print them all; a test recomputes some of them
and compares. What each set is, and how it must be read, stands in the README beside the data.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

BANDS = ("A", "B", "C")


def panel(folder: Path) -> pd.DataFrame:
    """Read the monthly arrears panel and add, for each client-month, the earlier spells of 30+ days."""
    data = pd.read_csv(folder / "monthly_arrears_panel.csv.gz", dtype={"STATUS": "category"})
    data = data.sort_values(["ID", "MONTHS_BALANCE"], ignore_index=True)
    status = data["STATUS"].astype(str)
    late = status.isin(list("12345")).to_numpy()
    same = np.concatenate([[False], data["ID"].to_numpy()[1:] == data["ID"].to_numpy()[:-1]])
    before = np.concatenate([[False], late[:-1]]) & same
    spells = pd.Series(late & ~before).groupby(data["ID"]).cumsum().to_numpy()
    month = data.groupby("ID").cumcount().to_numpy()
    at = np.arange(len(data))
    begun_earlier = np.where(month >= 12, spells[np.maximum(at - 12, 0)], 0)
    # Spells begun in the past 12 months, less the one that is still going on.
    data["earlier_spells"] = np.maximum(spells - begun_earlier - late, 0)
    data["month_on_file"] = month
    return data.assign(STATUS=status)


def bucket_shares(data: pd.DataFrame) -> dict[str, float]:
    """Shares of account-months at 30-59, 60-89, 90-119, 120-149 and 150+ days, of those with a loan."""
    owing = data.loc[data["STATUS"].isin(list("012345")), "STATUS"]
    return {str(k): float(v) for k, v in owing.value_counts(normalize=True).sort_index().items()}


def roll_of_120_to_149(data: pd.DataFrame) -> float:
    """Share of 120-149 days that is at 150+ a month later."""
    status = data["STATUS"].to_numpy()
    same = data["ID"].to_numpy()[1:] == data["ID"].to_numpy()[:-1]
    start = same & (status[:-1] == "4")
    return float((status[1:][start] == "5").mean())


def earlier_spells(data: pd.DataFrame) -> dict[str, list[float]]:
    """Shares with 0, 1, 2, 3 or more earlier spells of 30+ days in 12 months, by present lateness."""
    # 150 and more days is a state that few leave, mostly for longer than a year: left out.
    known = data[(data["month_on_file"] >= 12) & data["STATUS"].isin(list("01234"))]
    group = known["STATUS"].map({"0": "below 30", "1": "30-59"}).fillna("60+")
    counts = known["earlier_spells"].clip(upper=3)
    return {
        name: [round(float((counts[group == name] == k).mean()), 4) for k in range(4)]
        for name in ("below 30", "30-59", "60+")
    }


def share_1_to_29(data: pd.DataFrame, roll: float = 0.25) -> float:
    """Stock between 1 and 29 days that feeds 30-59 as often as it is entered, at a given roll.

    The panel does not tell 1-29 from current. Its monthly entries into 30-59 divided by the roll from 1-29
    (0.25: section 3 of the evidence, judgement) give the stock they come from.
    """
    status = data["STATUS"].to_numpy()
    same = data["ID"].to_numpy()[1:] == data["ID"].to_numpy()[:-1]
    entered = same & (status[:-1] == "0") & (status[1:] == "1")
    return float(entered.sum() / (same & (status[:-1] == "0")).sum() / roll)


def taiwan(folder: Path) -> pd.DataFrame:
    """Read the Taiwan cards with the risk band of each client."""
    data = pd.read_csv(folder / "taiwan_card_clients_2005.csv")
    band = pd.cut(data["LIMIT_BAL"], [0, 50_000, 140_000, np.inf], labels=["C", "B", "A"])
    return data.assign(band=band.astype(str))


def taiwan_bands(data: pd.DataFrame) -> dict[str, dict[str, float]]:
    """By band: share of clients, August's 30+ and 60+ shares relative to all, and log of the bill."""
    result = {}
    for band in BANDS:
        own = data[data["band"] == band]
        bills = own.loc[(own["PAY_2"] >= 0) & (own["BILL_AMT2"] > 1000), "BILL_AMT2"]
        result[band] = {
            "share": len(own) / len(data),
            "times_30": float((own["PAY_2"] >= 2).mean() / (data["PAY_2"] >= 2).mean()),
            "times_60": float((own["PAY_2"] >= 3).mean() / (data["PAY_2"] >= 3).mean()),
            "log_mean": float(np.log(bills).mean()),
            "log_sd": float(np.log(bills).std()),
        }
    return result


def taiwan_minimum_payment(data: pd.DataFrame) -> dict[str, float]:
    """Minimum payment: lower edge of payment over bill of revolvers, commonest payment on small bills."""
    parts = []
    for month in range(2, 6):
        own = (data[f"PAY_{month}"] == 0) & (data[f"PAY_AMT{month}"] > 0) & (data[f"BILL_AMT{month + 1}"] > 0)
        parts.append(
            data.loc[own, [f"BILL_AMT{month + 1}", f"PAY_AMT{month}"]].set_axis(["bill", "paid"], axis=1)
        )
    paid = pd.concat(parts)
    large = paid[paid["bill"] > 20_000]
    return {
        "share": float((large["paid"] / large["bill"]).quantile(0.20)),
        "floor": float(paid.loc[paid["bill"] <= 20_000, "paid"].mode().iloc[0]),
    }


def small_business(folder: Path) -> dict[str, float | dict[int, float]]:
    """Amount and term of loans up to 50,000 USD without real estate; terms of those paid in full."""
    data = pd.read_csv(folder / "us_small_business_loans_california.csv")
    micro = data[(data["DisbursementGross"] <= 50_000) & (data["RealEstate"] == 0)]
    amount = np.log(micro["DisbursementGross"])
    usual = np.array([12, 24, 36, 60, 84, 120])
    terms = micro.loc[(micro["MIS_Status"] == "P I F") & (micro["Term"] > 0), "Term"].to_numpy()
    nearest = usual[np.abs(terms[:, None] - usual).argmin(axis=1)]
    return {
        "log_mean": float(amount.mean()),
        "log_sd": float(amount.std()),
        "terms": {int(t): round(float((nearest == t).mean()), 3) for t in usual},
    }


def main(folder: Path) -> None:
    """Print every figure."""
    months, cards = panel(folder), taiwan(folder)
    print("bucket shares", bucket_shares(months))
    print("roll of 120-149", roll_of_120_to_149(months))
    print("earlier spells", earlier_spells(months))
    print("share 1-29", share_1_to_29(months))
    print("bands", taiwan_bands(cards))
    print("minimum payment", taiwan_minimum_payment(cards))
    print("micro-SME", small_business(folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
