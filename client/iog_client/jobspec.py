"""The spec of a job: what client, orchestrator and worker agree on, under the hash that is on
chain.

Its canonical bytes are JSON with sorted keys, without spaces; the spec hash is their SHA-256. Every
optional key is written out, so that one spec has one byte string.
"""

import hashlib
import re
from pathlib import PurePosixPath
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from iog_client import faults
from iog_client.amounts import HOUR
from iog_client.errors import UsageError
from iog_client.protocol import U64, InputFile, Key, canonical

MAX_GPUS = 1024
MAX_NODES = 64
MAX_COUNTRIES = 20
MAX_NAMED = 64
DEFAULT_PRIORITY = 50
MAX_INPUTS = 1000
MAX_DURATION = 30 * 24 * HOUR
MAX_PATH = 500
MAX_SPEC = 1 << 19
MAX_CPUS = 4096

Network = Literal["none", "outbound"]


def relative_path(text: str) -> str:
    """`text`, if it names a place inside a folder: relative, without `..`, nothing to simplify.

    Raises:
        ValueError: it does not.
    """
    path = PurePosixPath(text)
    inside = not path.is_absolute() and ".." not in path.parts and path.parts
    if not inside or str(path) != text or len(text) > MAX_PATH or not text.isprintable():
        raise ValueError("not a relative path inside the job's folder")
    if "\\" in text:
        raise ValueError("a path has / between its parts")
    return text


def slug(text: str | None) -> str | None:
    """`text`, if it can be the slug of a class.

    Raises:
        ValueError: it has other letters than a-z, 0-9 and -, or more than 16.
    """
    if text is not None:
        plain = text.isascii() and text.replace("-", "").isalnum() and text == text.lower()
        if not plain or len(text) > 16:
            raise ValueError("not a class")
    return text


_IMAGE = re.compile(
    r"(?:[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]{1,5})?/)?"
    r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
)
MAX_IMAGE = 300


def image_name(text: str | None) -> str | None:
    """`text`, if it names a container image: `[host/]name[:tag][@sha256:digest]`.

    Raises:
        ValueError: it does not.
    """
    if text is not None and (len(text) > MAX_IMAGE or _IMAGE.fullmatch(text) is None):
        raise ValueError("not the name of an image")
    return text


class _Part(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, validate_by_name=True, serialize_by_alias=True
    )


Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
"""A country by its ISO 3166-1 alpha-2 code."""
Named = Annotated[list[Key], Field(max_length=MAX_NAMED)]


class Resources(_Part):
    """What a job asks of a node: a class or any, memory of one GPU in MiB, how many GPUs; of the
    rest of the machine processors, main memory and disk (both in MiB), each at most the share of
    its GPUs, which is what a job gets that does not say.

    With `nodes` above 1 it is a gang of so many jobs, each of `gpus`, which start together.
    `country` are those that are accepted, `near` those that are preferred; `connectivity` is the
    least tier; `reliability` the least, in thousandths; `allow` and `deny` hold devices and owners;
    `together` has all members on nodes of one owner or in one country; `confined` asks for
    isolation of jobs.
    """

    gpu_class: Annotated[str | None, Field(alias="class"), AfterValidator(slug)] = None
    memory: Annotated[int, Field(ge=1, le=1 << 30)] | None = None
    gpus: Annotated[int, Field(ge=1, le=MAX_GPUS)] = 1
    cpus: Annotated[int, Field(ge=1, le=MAX_CPUS)] | None = None
    ram: Annotated[int, Field(ge=16, le=1 << 30)] | None = None
    disk: Annotated[int, Field(ge=1, le=1 << 30)] | None = None
    nodes: Annotated[int, Field(ge=1, le=MAX_NODES)] = 1
    country: Annotated[list[Country], Field(max_length=MAX_COUNTRIES)] = []
    near: Annotated[list[Country], Field(max_length=MAX_COUNTRIES)] = []
    connectivity: Annotated[int, Field(ge=0, le=3)] = 0
    reliability: Annotated[int, Field(ge=0, le=1000)] = 0
    allow: Named = []
    deny: Named = []
    together: Literal["owner", "country"] | None = None
    confined: bool = False


class JobSpec(_Part):
    """One job. `price` is the most that is paid, in base units per GPU-second.

    Without an `image` the command runs on the node's own system. With one it may be empty: then
    the image's own runs. `network` is `outbound` where the job asks to reach the internet.
    """

    version: Literal[1] = 1
    name: Annotated[str, Field(min_length=1, max_length=64)]
    image: Annotated[str | None, AfterValidator(image_name)] = None
    command: Annotated[list[Annotated[str, Field(max_length=4096)]], Field(max_length=256)]
    env: Annotated[
        dict[
            Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,127}$")],
            Annotated[str, Field(max_length=4096)],
        ],
        Field(max_length=100),
    ]
    inputs: Annotated[list[InputFile], Field(max_length=MAX_INPUTS)]
    outputs: Annotated[list[Annotated[str, AfterValidator(relative_path)]], Field(max_length=100)]
    resources: Resources
    duration_seconds: Annotated[int, Field(ge=1, le=MAX_DURATION)]
    price: Annotated[U64, Field(ge=1)]
    retries: Annotated[int, Field(ge=0, le=10)]
    network: Network = "none"
    priority: Annotated[int, Field(ge=0, le=100)] = DEFAULT_PRIORITY

    @model_validator(mode="after")
    def _runs_something(self) -> Self:
        if self.image is None and not self.command:
            raise ValueError("neither a command nor an image")
        return self

    @classmethod
    def parse(cls, data: str | bytes) -> Self:
        """The spec in `data`, which has to be its canonical bytes.

        Raises:
            UsageError: it is not a spec, or written in another way than the canonical one.
        """
        text = data.encode() if isinstance(data, str) else data
        if len(text) > MAX_SPEC:
            raise UsageError(f"the spec has {len(text)} bytes; at most {MAX_SPEC} are accepted")
        try:
            spec = cls.model_validate_json(text)
        except ValidationError as error:
            raise UsageError(faults.line(error, WORDS)) from error
        for item in spec.inputs:
            try:
                relative_path(item.path)
            except ValueError as error:
                raise UsageError(f"inputs: `{item.path[:60]}` is {error}") from error
        if spec.to_bytes() != text:
            raise UsageError("the spec is not in canonical form: sorted keys, no spaces, every key")
        return spec

    def to_bytes(self) -> bytes:
        """The canonical bytes."""
        return canonical(self.model_dump(mode="json"))

    def hash(self) -> bytes:
        """The spec hash: SHA-256 of the canonical bytes."""
        return hashlib.sha256(self.to_bytes()).digest()


ACCEPTED = {
    "version": "1",
    "name": "text of 1 to 64 characters",
    "command": "a list of 1 to 256 words of at most 4096 characters",
    "env": "up to 100 names of letters, digits and _, each with text of at most 4096 characters",
    "inputs": f"a list of at most {MAX_INPUTS} files, each with path, sha256 and size",
    "inputs.path": "a relative path inside the job's folder, without ..",
    "inputs.sha256": "64 hex digits",
    "inputs.size": "bytes, a whole number",
    "outputs": "a list of at most 100 relative paths inside the job's folder, without ..",
    "image": "the name of an image, with a tag or a digest, or null",
    "network": "none or outbound",
    "priority": "a whole number, 0 to 100",
    "resources": "an object of class, memory, gpus and what else a node has to be",
    "resources.class": "a class's slug, like h100-pcie, or null",
    "resources.memory": "MiB of one GPU, a whole number from 1, or null",
    "resources.gpus": f"a whole number, 1 to {MAX_GPUS}",
    "resources.cpus": f"a whole number, 1 to {MAX_CPUS}, or null",
    "resources.ram": "MiB, a whole number from 16, or null",
    "resources.disk": "MiB, a whole number from 1, or null",
    "resources.nodes": f"a whole number, 1 to {MAX_NODES}",
    "resources.country": f"a list of at most {MAX_COUNTRIES} ISO 3166 codes of two letters",
    "resources.near": f"a list of at most {MAX_COUNTRIES} ISO 3166 codes of two letters",
    "resources.connectivity": "a tier, 0 to 3",
    "resources.reliability": "thousandths, a whole number, 0 to 1000",
    "resources.allow": f"a list of at most {MAX_NAMED} addresses of devices or owners",
    "resources.deny": f"a list of at most {MAX_NAMED} addresses of devices or owners",
    "resources.together": "owner, country or null",
    "resources.confined": "true or false",
    "duration_seconds": f"a whole number, 1 to {MAX_DURATION}",
    "price": "base units for one GPU and second, a whole number from 1",
    "retries": "a whole number, 0 to 10",
}
"""What each key of a spec takes, as error lines say it."""

WORDS = faults.Words(
    noun="a spec",
    model=JobSpec,
    accepted=ACCEPTED,
    sections={"resources": Resources, "inputs": InputFile},
)
