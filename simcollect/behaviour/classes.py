"""The hidden borrower: what the lender never sees.

Liquidity (able, strained) is the borrower's economic condition; disposition is why a borrower who could pay does
not. Together they make eight hidden classes, numbered ``h = 4 * liquidity + disposition``. While strained, a
borrower behaves as strained whatever the disposition, but keeps it and returns to it: so behaviour has only five
rows (the four dispositions of the able, and the strained), while memory has eight.
"""

from __future__ import annotations

DISPOSITIONS = ("prompt", "forgetful", "misinformed", "unwilling")
LIQUIDITY = ("able", "strained")
HIDDEN = tuple(f"{liquidity}/{disposition}" for liquidity in LIQUIDITY for disposition in DISPOSITIONS)
BEHAVIOURS = (*DISPOSITIONS, "strained")

N_HIDDEN = len(HIDDEN)
N_BEHAVIOURS = len(BEHAVIOURS)
PROMPT, FORGETFUL, MISINFORMED, UNWILLING, STRAINED = range(N_BEHAVIOURS)
