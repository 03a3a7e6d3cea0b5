"""How much shorter could a shop promise, as reliably? The truth is known, so the limit is too.

python examples/worth_of_a_day.py
"""

import numpy as np

from overdeliver.simulate.business import business
from overdeliver.simulate.laws import law_in

tables = business("webshop", orders=20_000, seed=1)
truth, promised = tables["truth"], tables["promises"]["promised"].to_numpy()
law, actual = law_in(truth), truth["actual"].to_numpy()

# The owner's own promises: one table by state, padded and rounded up.
kept = float((actual <= promised).mean())

# The best anyone could do who knows every law: per order the quantile at the level that keeps as
# many. Found by halving, because whole days make the kept rate jump.
low, high = 0.5, 0.9999
for _ in range(30):
    level = (low + high) / 2
    reached = float((actual <= law.quantile(level)).mean())
    low, high = (level, high) if reached < kept else (low, level)
best = law.quantile(high)

saved = float(np.mean(promised) - np.mean(best))
print(f"kept {kept:.1%} with {promised.mean():.1f} days promised on average")
print(f"kept {(actual <= best).mean():.1%} with {best.mean():.1f} days, by the truth")
print(f"at the same kept rate {saved:.1f} days could be saved at most")
assert 2.0 < saved < 5.0
