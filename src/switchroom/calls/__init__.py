"""Calls and legs: who rings, who won, who is connected to whom."""
