"""One file for each noun, found by its name: each exports ``router``."""
