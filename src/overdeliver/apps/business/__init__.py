"""The business itself: services, levers, touchpoints, opening hours, policies."""
