"""Switchroom: an open call-center platform."""
