"""Why a job got its node, and which jobs are members of a gang."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "placements",
        sa.Column("job", sa.String(44), primary_key=True),
        sa.Column("run", sa.BigInteger, primary_key=True),
        sa.Column("device", sa.String(44), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("leader", sa.String(44), nullable=False),
        sa.Column("leader_run", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("ix_placements_at", "placements", ["at"])
    # no gang before this could be started, so that none is worth looking for
    op.add_column("jobs", sa.Column("gang", sa.String(44), nullable=False, server_default=""))
    op.create_index("jobs_by_gang", "jobs", ["gang"])
