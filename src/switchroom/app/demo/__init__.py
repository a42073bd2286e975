"""The product seen at once: a real node, simulated phones on real sockets, promises checked."""
