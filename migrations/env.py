"""Run by Alembic: one connection is handed in, and everything happens in its transaction."""

from alembic import context

from retrieval.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite cannot alter a table; Alembic makes a new one and copies.
)
with context.begin_transaction():
    context.run_migrations()
