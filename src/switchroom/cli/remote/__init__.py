"""Commands that talk to a node's HTTP API, from wherever they are."""
