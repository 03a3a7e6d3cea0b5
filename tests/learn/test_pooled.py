"""The clerk's table: own spreads for large groups, everyone's for small ones."""

import numpy as np

from overdeliver.learn.pooled import OWN_TABLE, Pooled, fit_pooled


def test_a_group_speaks_for_itself_from_forty_on() -> None:
    group = np.repeat([0, 1, -1], [OWN_TABLE, OWN_TABLE - 1, 50])
    value = np.where(group == 0, 5.0, 1.0) + np.linspace(0, 0.1, len(group))
    table = fit_pooled(group, value, np.ones(len(group)))
    assert list(table.groups) == [0]
    assert table.of(0).quantile(0.5) > 5.0
    assert table.of(1) is table.overall is table.of(-1)
    again = Pooled.from_state(table.state())
    assert again.of(0).quantile(0.9) == table.of(0).quantile(0.9)
    assert again.of(1).quantile(0.9) == table.overall.quantile(0.9)


def test_old_outcomes_alone_do_not_make_a_group() -> None:
    group, weight = np.zeros(60, int), np.full(60, 1e-6)
    weight[:10] = 1.0
    assert fit_pooled(group, np.arange(60.0), weight).groups == {}
