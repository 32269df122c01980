"""How GPU proofs ended, with what is published of a failure."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "proofs",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("device", sa.String(44), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("code", sa.String(30), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("gpus", sa.Integer, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("evidence", sa.String(64), nullable=False),
        sa.Column("document", sa.LargeBinary, nullable=True),
    )
    op.create_index("proofs_by_device", "proofs", ["device", "id"])
    op.create_index("proofs_by_evidence", "proofs", ["evidence"])
