"""Dialogs: route sets, sequence numbers, offer and answer."""
