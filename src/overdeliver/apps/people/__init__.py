"""Customers, segments and consent; staff, roles, keys."""
