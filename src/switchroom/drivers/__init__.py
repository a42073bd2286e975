"""Sockets, clocks, files: everything that touches the outside."""
