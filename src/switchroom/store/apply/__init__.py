"""Declarative configuration: read a file, plan the changes, make them; and write the file."""
