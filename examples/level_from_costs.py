"""From what lateness costs to the promise: the newsvendor's level, checked by simulated money.

python examples/level_from_costs.py
"""

import numpy as np

from overdeliver.simulate.business import business
from overdeliver.simulate.laws import law_in

LATE, LONG = 9.0, 1.0  # what a minute late costs, and a minute promised too long

truth = business("pizza", orders=40_000, seed=3)["truth"]
law, actual = law_in(truth), truth["actual"].to_numpy()


def cost(level: float) -> float:
    """The mean cost per order when every promise is made at this level."""
    gap = law.quantile(level) - actual
    return float(np.mean(np.where(gap < 0, -gap * LATE, gap * LONG)))


levels = np.arange(0.70, 0.991, 0.01)
costs = np.array([cost(level) for level in levels])
for level in (0.70, 0.80, 0.90, 0.95, 0.99):
    print(f"level {level:.2f}: {cost(level):6.2f} per order")

best = float(levels[costs.argmin()])
stated = LATE / (LATE + LONG)
print(f"cheapest level by money {best:.2f}, by the formula {stated:.2f}")
assert abs(best - stated) <= 0.02
