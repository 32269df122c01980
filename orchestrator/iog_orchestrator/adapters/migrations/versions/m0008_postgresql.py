"""Text on PostgreSQL as SQLite has it: of any length, ordered by its bytes."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    # pages and trees rely on the order of addresses, which a locale would change
    text = sa.Text(collation="C")
    found = sa.inspect(connection)
    for table in found.get_table_names():
        for column in found.get_columns(table):
            if table != "alembic_version" and isinstance(column["type"], sa.String):
                op.alter_column(table, column["name"], type_=text)
