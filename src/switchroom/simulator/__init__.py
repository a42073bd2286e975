"""Phones, callers and a network in memory: a node meets them as it meets real ones."""
