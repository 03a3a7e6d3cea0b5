"""Distances on the globe as expressions."""

import ibis.expr.types as ir

_RADIUS_KM = 6371.0088  # mean radius of the earth (IUGG)


def kilometres(lat1: ir.Value, lng1: ir.Value, lat2: ir.Value, lng2: ir.Value) -> ir.Value:
    """Great-circle distance in km between two points in degrees (haversine formula).

    >>> import ibis
    >>> paris_to_london = kilometres(*map(ibis.literal, (48.8566, 2.3522, 51.5074, -0.1278)))
    >>> round(float(paris_to_london.to_pyarrow().as_py()), 1)
    343.6
    """
    up, across = (lat2 - lat1).radians() / 2, (lng2 - lng1).radians() / 2
    part = up.sin() ** 2 + lat1.radians().cos() * lat2.radians().cos() * across.sin() ** 2
    return part.sqrt().clip(upper=1.0).asin() * (2 * _RADIUS_KM)
