"""Phones, callers and a network that ship with the product."""
