"""Alembic runs on the connection and in the transaction of `registry.database.migrate`, nowhere else."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
