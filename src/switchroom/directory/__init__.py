"""Configuration: customers, clients, extensions, trunks, numbers, routes, agents, groups."""
