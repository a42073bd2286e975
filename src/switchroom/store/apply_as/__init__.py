"""Apply and export as a principal, with its permissions, in its active customer alone."""
