"""What is published of a GPU proof that failed: its frames as they were, so that anyone can judge
again. Canonical JSON, named by its SHA-256."""

import hashlib
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from iog_client.errors import UsageError
from iog_client.gpuproof.verify import Verdict, commit_problem, verify
from iog_client.protocol import Key, ProofChallenge, ProofCommit, ProofOpen, ProofRows, canonical

MAX_BYTES = 16 << 20
OBSERVED = {
    "no_commitment": "no commitment came in time",
    "late": "the commitment came too late",
    "no_rows": "the opened rows did not come in time",
    "gone": "the connection ended after the commitment",
    "refused": "the worker did not prove",
    "second_commitment": "a second commitment came",
}
"""Verdicts on what only the orchestrator saw; frames cannot show them."""


class Evidence(BaseModel):
    """A failed proof of one GPU. `seconds` is what the commitment took; times are the chain's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    genesis_hash: Key
    device: Key
    at: int
    seconds: Annotated[float, Field(ge=0)]
    challenge: ProofChallenge
    commit: ProofCommit | None
    opening: ProofOpen | None
    rows: Annotated[list[ProofRows], Field(max_length=64)]
    code: Annotated[str, Field(max_length=30)]
    detail: Annotated[str, Field(max_length=300)]

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """The evidence in `data`. Raises `UsageError` for anything but its canonical bytes."""
        if len(data) > MAX_BYTES:
            raise UsageError(f"evidence has at most {MAX_BYTES} bytes, this is {len(data)}")
        try:
            found = cls.model_validate_json(data)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "file"
            raise UsageError(f"not evidence of a GPU proof: {where}: {first['msg']}") from None
        if found.to_bytes() != data:
            raise UsageError("not evidence of a GPU proof: its bytes are not in canonical form")
        return found

    def to_bytes(self) -> bytes:
        """The canonical bytes."""
        return canonical(self.model_dump(mode="json"))

    @property
    def sha256(self) -> str:
        """What it is called by."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def judged(self) -> Verdict | None:
        """The verdict by the frames alone; None for what frames cannot show."""
        if self.code in OBSERVED or self.commit is None:
            return None
        problem = commit_problem(self.device, self.challenge, self.commit)
        if problem is not None or self.opening is None:
            return problem
        return verify(self.device, self.challenge, self.commit, self.opening, self.rows)
