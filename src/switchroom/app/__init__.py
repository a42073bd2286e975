"""The only place that builds the parts of a node and wires them."""
