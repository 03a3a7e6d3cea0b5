"""What a broken promise costs in scores: the jump lies beyond one day late, not at the promise.

python examples/where_the_cliff_is.py
"""

import numpy as np

from overdeliver.simulate.business import business
from overdeliver.simulate.flat import export_of
from overdeliver.simulate.kinds import KINDS

reaction = KINDS["webshop"].reaction
frame = export_of(business("webshop", orders=150_000, seed=2)).to_pandas()
answered = frame.dropna(subset=["score", "delivered_at"])
delivered = answered["delivered_at"].to_numpy().astype("datetime64[D]")
gap = (answered["promised_at"].to_numpy().astype("datetime64[D]") - delivered).astype(int)
score = answered["score"].to_numpy()

for day in (3, 1, 0, -1, -2, -3):
    here = score[gap == day]
    word = f"{abs(day)} days {'early' if day > 0 else 'late'}" if day else "to the day"
    print(f"{word:14} {here.mean():.2f}  (of {len(here)})")

on_time, one_late, two_late = (score[gap == day].mean() for day in (0, -1, -2))
cliff = one_late - two_late - reaction.slope_late
noise = np.std(score[gap == -2]) / np.sqrt((gap == -2).sum())
print(f"the cliff: {cliff:.2f} of a score (in truth {reaction.cliff})")
assert abs(on_time - one_late) < 0.3
assert abs(cliff - reaction.cliff) < 4 * noise
