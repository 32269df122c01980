"""Which devices are simulated, so that hours say so also after a restart."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column(
        "devices",
        sa.Column("simulated", sa.Boolean, nullable=False, server_default=sa.false()),
    )
