"""Tables of the orchestrator's database, for SQLAlchemy Core. Migrations say how they came to be.

`body` columns hold the JSON of a value whose searched fields are columns of their own. Integers
stay below 2^63: what a program keeps as u64 is either checked against that or inside a `body`.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    false,
)

from iog_orchestrator.adapters.dialects import Words

metadata = MetaData()

facts = Table(
    "facts",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)

lease = Table(
    "lease",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("written_at", Float, nullable=False),
)

leader = Table(
    "leader",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("token", BigInteger, nullable=False),
    Column("url", Text, nullable=False),
    Column("expires_at", Float, nullable=False),
)

requests = Table(
    "requests",
    metadata,
    Column("address", String(44), primary_key=True),
    Column("client", String(44), nullable=False, index=True),
    Column("acknowledged_at", Float, nullable=False),
    Column("body", JSON, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("address", String(44), primary_key=True),
    Column("client", String(44), nullable=False, index=True),
    Column("state", Integer, nullable=False, index=True),
    Column("opened_at", BigInteger, nullable=False),
    Column("assigned_at", BigInteger, nullable=True),
    Column("settled_at", BigInteger, nullable=True),
    Column("gang", String(44), nullable=False, default="", server_default=""),
    Column("body", JSON, nullable=False),
    Index("jobs_by_opening", "opened_at", "address"),
    Index("jobs_by_gang", "gang"),
)

runs = Table(
    "runs",
    metadata,
    Column("job", String(44), primary_key=True),
    Column("run", BigInteger, primary_key=True),
    Column("device", String(44), nullable=False, index=True),
    Column("state", String(20), nullable=False),
    Column("detail", Words, nullable=False),
    Column("end", JSON, nullable=True),
)

statements = Table(
    "statements",
    metadata,
    Column("kind", String(4), primary_key=True),
    Column("subject", String(44), primary_key=True),
    Column("run", BigInteger, primary_key=True),
    Column("device", String(44), primary_key=True),
    Column("counter", BigInteger, nullable=False),
    Column("seconds", BigInteger, nullable=False),
    Column("signature", String(88), nullable=False),
    # rows lie in the order of their key, so that those of an hour are read one after the other
    sqlite_with_rowid=False,
)

devices = Table(
    "devices",
    metadata,
    Column("device", String(44), primary_key=True),
    Column("counter", BigInteger, nullable=False, default=0),
    Column("runs_ended", Integer, nullable=False, default=0),
    Column("runs_failed", Integer, nullable=False, default=0),
    Column("simulated", Boolean, nullable=False, default=False, server_default=false()),
)

hours = Table(
    "hours",
    metadata,
    Column("hour", Integer, primary_key=True),
    Column("root", String(64), nullable=False),
    Column("state", String(20), nullable=False),
    Column("report", JSON, nullable=False),
    Column("document", LargeBinary, nullable=False),
    Index("hours_by_root", "root"),
)

grants = Table(
    "grants",
    metadata,
    Column("key", String(44), primary_key=True),
    Column("sha256", String(64), primary_key=True),
)

nonces = Table(
    "nonces",
    metadata,
    Column("key", String(44), primary_key=True),
    Column("nonce", String(32), primary_key=True),
    Column("until", Float, nullable=False, index=True),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("wallet", String(44), nullable=False, index=True),
    Column("name", String(60), nullable=False),
    Column("scope", String(10), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False),
)

proofs = Table(
    "proofs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("device", String(44), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("code", String(30), nullable=False),
    Column("detail", Words, nullable=False),
    Column("gpus", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("evidence", String(64), nullable=False),
    Column("document", LargeBinary, nullable=True),
    Index("proofs_by_device", "device", "id"),
    Index("proofs_by_evidence", "evidence"),
)

gpus = Table(
    "gpus",
    metadata,
    Column("uuid", Words, primary_key=True),
    Column("device", String(44), primary_key=True),
    Column("seen_at", Float, nullable=False),
    Index("gpus_by_device", "device"),
)

blocks = Table(
    "blocks",
    metadata,
    Column("hour", Integer, primary_key=True),
    Column("device", String(44), primary_key=True),
    Column("reason", Words, nullable=False),
)

notices = Table(
    "notices",
    metadata,
    Column("device", String(44), primary_key=True),
    Column("kind", String(12), nullable=False),
    Column("begin", BigInteger, nullable=False),
    Column("end", BigInteger, nullable=False),
    Column("reason", Words, nullable=False),
    Column("made_at", BigInteger, nullable=False),
)

node_hours = Table(
    "node_hours",
    metadata,
    Column("device", String(44), primary_key=True),
    Column("hour", Integer, primary_key=True),
    Column("ended", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("seconds", Integer, nullable=False),
    Column("good", Float, nullable=False),
    Column("runs", Float, nullable=False),
    Column("up", Float, nullable=False),
    Column("known", Float, nullable=False),
    Column("total_ended", Integer, nullable=False),
    Column("total_failed", Integer, nullable=False),
    Index("node_hours_by_hour", "hour"),
)

placements = Table(
    "placements",
    metadata,
    Column("job", String(44), primary_key=True),
    Column("run", BigInteger, primary_key=True),
    Column("device", String(44), nullable=False),
    Column("at", BigInteger, nullable=False, index=True),
    Column("leader", String(44), nullable=False),
    Column("leader_run", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
)
