"""What every request passes before a route sees it: its id, limits, rates, repetitions."""
