"""What Alembic runs: migrate over the connection that ``store/database.py`` hands over."""

from alembic import context

from switchroom.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
)
context.run_migrations()
