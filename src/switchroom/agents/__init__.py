"""Agents: where their calls go and whether they are free."""
