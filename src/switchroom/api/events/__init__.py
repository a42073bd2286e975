"""Live events: who follows what, and how it reaches them."""
