"""HTTP: health and metrics now, the API later."""
