"""Learn what a webshop can promise, then see whether it would have been kept.

The shop is simulated, so nothing is hidden: the first months are learned from as they were known
on one evening, with the parcels then on their way still open; the next weeks are promised.

python examples/promise_the_webshop.py
"""

from math import sqrt

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from overdeliver.learn.promise import PromiseTimeRegressor
from overdeliver.simulate.business import business
from overdeliver.simulate.flat import export_of

LEVEL = 0.9
FEATURES = ["seller", "state", "weight_kg"]

shop = export_of(business("webshop", orders=20_000, seed=5, scenarios=()))
shop = shop.filter(pc.is_valid(shop["delivered_at"])).sort_by("placed_at")
placed = shop["placed_at"].cast(pa.timestamp("s")).to_numpy()
delivered = shop["delivered_at"].cast(pa.timestamp("s")).to_numpy()
days = (delivered.astype("datetime64[D]") - placed.astype("datetime64[D]")).astype(float)

evening = placed[int(len(placed) * 0.8)].astype("datetime64[D]").astype("datetime64[s]")
past = np.flatnonzero(placed < evening)
soon = evening + np.timedelta64(28, "D")
asked = np.flatnonzero((placed >= evening) & (placed < soon))

# On that evening the outcome of what was still under way was not known: NaN, and used as such.
known = np.where(delivered[past] < evening, days[past], np.nan)
model = PromiseTimeRegressor(level=LEVEL, unit="days", whole=True)
model.fit(
    shop.select(FEATURES).take(past),
    known,
    made_at=placed[past],
    observed_at=np.where(np.isnan(known), np.datetime64("NaT"), delivered[past]),
    as_of=evening,
)
promise = model.predict(shop.select(FEATURES).take(asked), made_at=placed[asked])

kept = float((days[asked] <= promise).mean())
band = 3 * sqrt(LEVEL * (1 - LEVEL) / len(asked))
owner = shop["promised_at"].to_numpy().astype("datetime64[D]")[asked]
own = (owner - placed[asked].astype("datetime64[D]")).astype(float)
print(f"learned from {(~np.isnan(known)).sum()} parcels, {np.isnan(known).sum()} under way")
print(f"the shop itself promised {own.mean():.1f} days and kept {(days[asked] <= own).mean():.1%}")
print(f"the model promised {promise.mean():.1f} days and kept {kept:.1%} of {len(asked)}")
print(f"meant: {LEVEL:.0%}; chance alone gives or takes {band:.1%}")
assert abs(kept - LEVEL) <= band

one = dict(zip(FEATURES, (shop[name][int(asked[0])].as_py() for name in FEATURES), strict=True))
quoted = model.quote(one, [0.5, 0.9, 0.99], made_at=placed[asked[0]])
print(f"{one}: half within {quoted[0]:.0f} days, 9 of 10 within {quoted[1]:.0f}")
assert quoted[0] <= quoted[1] <= quoted[2]
