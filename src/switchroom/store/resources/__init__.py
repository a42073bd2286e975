"""Configuration resources: one way to list, read and change all of them."""
