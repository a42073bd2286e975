"""Call records, built from facts alone."""
