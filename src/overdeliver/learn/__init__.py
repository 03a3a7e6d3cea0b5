"""Estimators in scikit-learn's manners: what to promise, how sure, at what price."""
