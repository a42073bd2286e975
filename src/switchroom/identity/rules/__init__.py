"""The rules of identity, each one function of values: sessions, delays, passwords, keys, codes."""
