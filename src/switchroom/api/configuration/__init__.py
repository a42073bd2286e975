"""The routes that all configuration resources have in common."""
