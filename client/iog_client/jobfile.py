"""Job files as clients write them, and the spec that is hashed, escrowed and run.

A job file is YAML (or JSON, which is YAML) with local paths and human units. `load` checks it and
raises `UsageError` in one line that names the key, the value and what is accepted.
`spec` turns it into a `JobSpec`, whose canonical bytes hash to the spec hash on chain.

Scalars are read as the text that was written (YAML's guesses would turn `1:30` into 90 and `010`
into 8), so an environment value or an argument reaches the job exactly as it stands in the file.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from solders.pubkey import Pubkey

from iog_client import amounts, faults
from iog_client.errors import NotFound, UsageError
from iog_client.jobspec import (
    DEFAULT_PRIORITY,
    MAX_COUNTRIES,
    MAX_CPUS,
    MAX_DURATION,
    MAX_GPUS,
    MAX_INPUTS,
    MAX_NAMED,
    MAX_NODES,
    Country,
    JobSpec,
    Network,
    Resources,
    image_name,
    relative_path,
    slug,
)
from iog_client.protocol import InputFile

MAX_FILE = 1 << 20

ACCEPTED = {
    "name": "text of 1 to 64 characters",
    "command": "a list of 1 to 256 words of at most 4096 characters, like [python, train.py]",
    "image": "the name of a container image, like docker.io/library/python:3.12-slim",
    "env": "up to 100 names of letters, digits and _, each with text of at most 4096 characters",
    "inputs": f"a list of at most {MAX_INPUTS} files, each a path or {{path: …, as: …}}",
    "inputs.path": "the path of a file, from the job file's folder",
    "inputs.as": "a relative path inside the job's folder, without ..",
    "outputs": "a list of at most 100 relative paths inside the job's folder, without ..",
    "resources": "class, memory, gpus, nodes, cpus, ram, disk and what else its nodes have to be",
    "resources.class": "a class's slug, like h100-pcie",
    "resources.memory": "memory of one GPU, like 40GiB",
    "resources.gpus": f"a whole number, 1 to {MAX_GPUS}",
    "resources.nodes": f"a whole number, 1 to {MAX_NODES}: jobs that start together",
    "resources.country": f"a list of up to {MAX_COUNTRIES} ISO 3166 codes of two letters, like DE",
    "resources.near": f"a list of up to {MAX_COUNTRIES} ISO 3166 codes of two letters, like DE",
    "resources.connectivity": "a tier, 0 to 3",
    "resources.reliability": "a number from 0 to 1 with at most three digits, like 0.95",
    "resources.allow": f"a list of up to {MAX_NAMED} addresses of devices or owners",
    "resources.deny": f"a list of up to {MAX_NAMED} addresses of devices or owners",
    "resources.together": "owner or country",
    "resources.confined": "true or false",
    "resources.cpus": f"a whole number of processors, 1 to {MAX_CPUS}",
    "resources.ram": "main memory of the whole job, like 8GiB, at least 16MiB",
    "resources.disk": "disk space of the whole job, like 20GiB",
    "network": "none (what a job gets that does not say) or outbound",
    "duration": "a time like 90s, 10m or 1h30m, 1s to 30d",
    "price": f"the most you pay for one GPU, like 0.35 IO/h, at least {amounts.format_price(1)}",
    "retries": "a whole number, 0 to 10",
    "priority": "a whole number, 0 to 100",
}
"""What each key takes, as error lines say it."""

LATER = frozenset({"secrets", "ports", "schedule", "kind"})
"""Keys that a later version will take."""

_MEMORY_UNITS = {"TiB": 1 << 20, "GiB": 1 << 10, "MiB": 1}


def _memory(text: object) -> object:
    """`40GiB` to MiB."""
    if isinstance(text, str):
        for unit, size in _MEMORY_UNITS.items():
            number = text.removesuffix(unit).strip()
            if number != text and number.isascii() and number.isdigit() and len(number) <= 9:
                return int(number) * size
    raise ValueError("not an amount of memory")


def _number(text: object) -> object:
    """A whole number written in plain digits, whatever else Python would read as one."""
    if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= 19:
        return int(text)
    raise ValueError("not a whole number")


def _thousandths(text: object) -> object:
    """`0.95` to 950."""
    if isinstance(text, str) and text.isascii():
        whole, _, part = text.partition(".")
        if whole in ("0", "1") and len(part) <= 3 and (not part or part.isdigit()):
            return int(whole) * 1000 + int(part.ljust(3, "0") if part else 0)
    raise ValueError("not a number from 0 to 1")


def _truth(text: object) -> object:
    """`true` and `false`, as YAML writes them."""
    if text in ("true", "false"):
        return text == "true"
    raise ValueError("neither true nor false")


def _address(text: str) -> str:
    try:
        return str(Pubkey.from_string(text))
    except ValueError:
        raise ValueError("not an address") from None


Addresses = Annotated[list[Annotated[str, AfterValidator(_address)]], Field(max_length=MAX_NAMED)]
Countries = Annotated[list[Country], Field(max_length=MAX_COUNTRIES)]


def _by(read: Callable[[str], int]) -> Callable[[object], int]:
    """A reader of `amounts` as a validator: only text, and its refusals as ValueError."""

    def validate(value: object) -> int:
        if not isinstance(value, str):
            raise ValueError("not text")
        try:
            return read(value)
        except UsageError as error:
            raise ValueError(error.message) from error

    return validate


def _no_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("a NUL character")
    return text


Word = Annotated[str, Field(max_length=4096), AfterValidator(_no_nul)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Input(_Section):
    """One input: a local file, and the path it gets in the job's folder."""

    path: Annotated[str, Field(min_length=1, max_length=4096)]
    name: Annotated[str, Field(alias="as"), AfterValidator(relative_path)]

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: object) -> object:
        if isinstance(value, str):
            value = {"path": value}
        if isinstance(value, dict) and isinstance(path := value.get("path"), str):
            inside = PurePosixPath(path)
            if inside.is_absolute() or ".." in inside.parts:
                inside = PurePosixPath(inside.name)
            return {"as": str(inside), **value}
        return value


class FileResources(_Section):
    """What the job asks of a node; `memory` is of one GPU, `ram` and `disk` of all, in MiB."""

    gpu_class: Annotated[str | None, Field(alias="class"), AfterValidator(slug)] = None
    memory: Annotated[int | None, BeforeValidator(_memory), Field(ge=1, le=1 << 30)] = None
    gpus: Annotated[int, BeforeValidator(_number), Field(ge=1, le=MAX_GPUS)] = 1
    cpus: Annotated[int | None, BeforeValidator(_number), Field(ge=1, le=MAX_CPUS)] = None
    ram: Annotated[int | None, BeforeValidator(_memory), Field(ge=16, le=1 << 30)] = None
    disk: Annotated[int | None, BeforeValidator(_memory), Field(ge=1, le=1 << 30)] = None
    nodes: Annotated[int, BeforeValidator(_number), Field(ge=1, le=MAX_NODES)] = 1
    country: Countries = []
    near: Countries = []
    connectivity: Annotated[int, BeforeValidator(_number), Field(ge=0, le=3)] = 0
    reliability: Annotated[int, BeforeValidator(_thousandths), Field(ge=0, le=1000)] = 0
    allow: Addresses = []
    deny: Addresses = []
    together: Literal["owner", "country"] | None = None
    confined: Annotated[bool, BeforeValidator(_truth)] = False


class JobFile(_Section):
    """A job file's contents. `duration` in seconds, `price` in base units per GPU-second."""

    name: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]
    command: Annotated[list[Word] | None, Field(min_length=1, max_length=256)] = None
    image: Annotated[str | None, AfterValidator(image_name)] = None
    env: Annotated[
        dict[Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,127}$")], Word],
        Field(max_length=100),
    ] = {}
    inputs: Annotated[list[Input], Field(max_length=MAX_INPUTS)] = []
    outputs: Annotated[
        list[Annotated[str, AfterValidator(relative_path)]], Field(max_length=100)
    ] = []
    resources: FileResources = FileResources()
    duration: Annotated[int, BeforeValidator(_by(amounts.parse_duration)), Field(le=MAX_DURATION)]
    price: Annotated[int, BeforeValidator(_by(amounts.parse_price)), Field(ge=1, lt=1 << 63)]
    retries: Annotated[int, BeforeValidator(_number), Field(ge=0, le=10)] = 2
    network: Network = "none"
    priority: Annotated[int, BeforeValidator(_number), Field(ge=0, le=100)] = DEFAULT_PRIORITY

    def to_resources(self) -> Resources:
        """The resources as the spec says them."""
        asked = self.resources
        lists = ("country", "near", "allow", "deny")
        return Resources(
            **asked.model_dump(exclude=set(lists)),
            **{name: sorted(set(getattr(asked, name))) for name in lists},
        )


WORDS = faults.Words(
    noun="a job file",
    model=JobFile,
    accepted=ACCEPTED,
    sections={"resources": FileResources, "inputs": Input},
    later=LATER,
)


@dataclass(frozen=True, slots=True)
class LocalInput:
    """An input found on this machine: where it lies, and what the spec says of it."""

    source: Path
    file: InputFile


def load(path: Path) -> JobFile:
    """The job file at `path`, checked; its inputs are looked at by `local_inputs`.

    Raises:
        NotFound: there is no such file.
        UsageError: it is not a job file; the line names every wrong key.
    """
    return parse(_read(path), str(path))


def parse(text: str, where: str = "job file") -> JobFile:
    """The job file in `text`; `where` begins every error line.

    Raises:
        UsageError: see `load`.
    """
    try:
        content = yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise UsageError(f"{where}: {_yaml_problem(error)}") from error
    except RecursionError as error:
        raise UsageError(f"{where}: too many levels") from error
    if not isinstance(content, dict):
        raise UsageError(f"{where}: not a mapping; accepted: {faults.keys(JobFile)}")
    try:
        job = JobFile.model_validate(content)
    except ValidationError as error:
        raise UsageError(f"{where}: {faults.line(error, WORDS)}") from error
    if job.command is None and job.image is None:
        raise UsageError(f"{where}: neither command nor image; accepted: one of them, or both")
    _refuse_twice(job, where)
    return job


def local_inputs(job: JobFile, folder: Path, where: str = "job file") -> list[LocalInput]:
    """The job's inputs in `folder` with hash and size, in the file's order.

    `where` begins every error line.

    Raises:
        UsageError: one is missing, not a file, or not readable.
    """
    return [_local_input(item, folder, where) for item in job.inputs]


def spec(job: JobFile, inputs: list[InputFile]) -> JobSpec:
    """The spec of `job` with its inputs' hashes; inputs and outputs in the order of their paths."""
    return JobSpec(
        name=job.name,
        image=job.image,
        command=job.command or [],
        env=job.env,
        inputs=sorted(inputs, key=lambda item: item.path),
        outputs=sorted(job.outputs),
        resources=job.to_resources(),
        duration_seconds=job.duration,
        price=job.price,
        retries=job.retries,
        network=job.network,
        priority=job.priority,
    )


class _Loader(yaml.BaseLoader):
    """YAML without types, aliases (which can stand for gigabytes) and repeated keys."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="aliases are not accepted", problem_mark=mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(problem="a key is text", problem_mark=key.start_mark)
            if key.value in seen:
                problem = f"the key `{amounts.quoted(key.value)}` stands here twice"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
    except FileNotFoundError as error:
        raise NotFound(f"{path}: there is no such file") from error
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; a readable file is accepted") from error
    if len(data) > MAX_FILE:
        raise UsageError(f"{path}: more than {MAX_FILE} bytes; a job file is at most that")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: byte {error.start} is not UTF-8 text") from error


def _local_input(item: Input, folder: Path, where: str) -> LocalInput:
    source = folder / item.path
    shown = f"{where}: inputs: `{amounts.quoted(item.path)}`"
    try:
        if not source.is_file():
            what = "is a folder" if source.is_dir() else "does not exist"
            raise UsageError(f"{shown} {what}; accepted: {ACCEPTED['inputs.path']}")
        size = source.stat().st_size
        with source.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UsageError(f"{shown} cannot be read: {error.strerror}") from error
    return LocalInput(source, InputFile(path=item.name, sha256=digest, size=size))


def _refuse_twice(job: JobFile, where: str) -> None:
    names = [item.name for item in job.inputs]
    for key, paths in (("inputs", names), ("outputs", job.outputs)):
        seen: set[str] = set()
        for path in paths:
            if path in seen:
                raise UsageError(
                    f"{where}: {key}: `{amounts.quoted(path)}` twice; each path once is accepted"
                )
            seen.add(path)


def _yaml_problem(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
    at = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return f"{at}{problem}"
