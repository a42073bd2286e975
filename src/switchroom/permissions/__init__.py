"""Who may do what: a closed catalogue, roles, and one decision about each request. Pure."""
