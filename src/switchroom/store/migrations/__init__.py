"""Alembic migrations, run at start by ``store/database.py``."""
