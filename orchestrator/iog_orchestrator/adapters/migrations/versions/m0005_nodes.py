"""What is known of nodes over time: GPUs, hours they were blocked in, notices, reliability."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "gpus",
        sa.Column("uuid", sa.String(100), primary_key=True),
        sa.Column("device", sa.String(44), primary_key=True),
        sa.Column("seen_at", sa.Float, nullable=False),
    )
    op.create_index("gpus_by_device", "gpus", ["device"])
    op.create_table(
        "blocks",
        sa.Column("hour", sa.Integer, primary_key=True),
        sa.Column("device", sa.String(44), primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_table(
        "notices",
        sa.Column("device", sa.String(44), primary_key=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("begin", sa.BigInteger, nullable=False),
        sa.Column("end", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "node_hours",
        sa.Column("device", sa.String(44), primary_key=True),
        sa.Column("hour", sa.Integer, primary_key=True),
        sa.Column("ended", sa.Integer, nullable=False),
        sa.Column("failed", sa.Integer, nullable=False),
        sa.Column("seconds", sa.Integer, nullable=False),
        sa.Column("good", sa.Float, nullable=False),
        sa.Column("runs", sa.Float, nullable=False),
        sa.Column("up", sa.Float, nullable=False),
        sa.Column("known", sa.Float, nullable=False),
        sa.Column("total_ended", sa.Integer, nullable=False),
        sa.Column("total_failed", sa.Integer, nullable=False),
    )
    op.create_index("node_hours_by_hour", "node_hours", ["hour"])
