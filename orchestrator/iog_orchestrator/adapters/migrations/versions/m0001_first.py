"""First schema: facts, lease with its fencing token, jobs, runs, statements, hours, access."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "facts",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "lease",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("token", sa.BigInteger, nullable=False),
        sa.Column("written_at", sa.Float, nullable=False),
    )
    _jobs()
    _evidence()
    _access()


def _jobs() -> None:
    op.create_table(
        "requests",
        sa.Column("address", sa.String(44), primary_key=True),
        sa.Column("client", sa.String(44), nullable=False, index=True),
        sa.Column("acknowledged_at", sa.Float, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
    )
    op.create_table(
        "jobs",
        sa.Column("address", sa.String(44), primary_key=True),
        sa.Column("client", sa.String(44), nullable=False, index=True),
        sa.Column("state", sa.Integer, nullable=False, index=True),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
        sa.Column("assigned_at", sa.BigInteger, nullable=True),
        sa.Column("settled_at", sa.BigInteger, nullable=True),
        sa.Column("body", sa.JSON, nullable=False),
    )
    op.create_table(
        "runs",
        sa.Column("job", sa.String(44), primary_key=True),
        sa.Column("run", sa.BigInteger, primary_key=True),
        sa.Column("device", sa.String(44), nullable=False, index=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("end", sa.JSON, nullable=True),
    )


def _evidence() -> None:
    op.create_table(
        "statements",
        sa.Column("kind", sa.String(4), primary_key=True),
        sa.Column("subject", sa.String(44), primary_key=True),
        sa.Column("run", sa.BigInteger, primary_key=True),
        sa.Column("device", sa.String(44), primary_key=True),
        sa.Column("counter", sa.BigInteger, nullable=False),
        sa.Column("seconds", sa.BigInteger, nullable=False),
        sa.Column("signature", sa.String(88), nullable=False),
    )
    op.create_table(
        "devices",
        sa.Column("device", sa.String(44), primary_key=True),
        sa.Column("counter", sa.BigInteger, nullable=False),
        sa.Column("runs_ended", sa.Integer, nullable=False),
        sa.Column("runs_failed", sa.Integer, nullable=False),
    )
    op.create_table(
        "hours",
        sa.Column("hour", sa.Integer, primary_key=True),
        sa.Column("root", sa.String(64), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("report", sa.JSON, nullable=False),
        sa.Column("document", sa.LargeBinary, nullable=False),
    )
    op.create_index("hours_by_root", "hours", ["root"])


def _access() -> None:
    op.create_table(
        "grants",
        sa.Column("key", sa.String(44), primary_key=True),
        sa.Column("sha256", sa.String(64), primary_key=True),
    )
    op.create_table(
        "nonces",
        sa.Column("key", sa.String(44), primary_key=True),
        sa.Column("nonce", sa.String(32), primary_key=True),
        sa.Column("until", sa.Float, nullable=False, index=True),
    )
