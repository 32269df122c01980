"""A job file is read exactly, or refused in one line."""

from pathlib import Path

import pytest

from iog_client import jobfile
from iog_client.errors import NotFound, UsageError
from iog_client.jobspec import JobSpec, Resources
from iog_client.protocol import InputFile

GOOD = """
name: train-iris
command: [python, train.py, --lr, 0.010]
env: {EPOCHS: 010, LIMIT: 1:30, OFF: no}
inputs:
  - train.py
  - {path: ../data/iris.csv, as: data/iris.csv}
outputs: [out/model.bin, metrics.json]
resources: {class: h100-pcie, memory: 40GiB, gpus: 2}
duration: 1h30m
price: 0.35 IO/h
retries: 3
"""
LEAST = {"name": "x", "command": "[a]", "duration": "1s", "price": "1 IO/h"}


def lines(**changes: str | None) -> str:
    """A job file of the required keys, with these changed, added or (None) left out."""
    keys = {**LEAST, **changes}
    return "\n".join(f"{key}: {value}" for key, value in keys.items() if value is not None)


def refusal(text: str) -> str:
    with pytest.raises(UsageError) as caught:
        jobfile.parse(text, "job.yaml")
    return caught.value.message


def test_scalars_reach_the_job_as_they_were_written() -> None:
    job = jobfile.parse(GOOD)
    assert job.command == ["python", "train.py", "--lr", "0.010"]
    assert job.env == {"EPOCHS": "010", "LIMIT": "1:30", "OFF": "no"}


def test_units_become_seconds_mebibytes_and_base_units_a_gpu_second() -> None:
    job = jobfile.parse(GOOD)
    assert (job.duration, job.price, job.retries) == (5400, 9722, 3)
    assert job.to_resources() == Resources(gpu_class="h100-pcie", memory=40960, gpus=2)


def test_an_input_gets_its_own_path_or_the_one_it_is_given() -> None:
    job = jobfile.parse(lines(inputs="[a/b.py, ./c.py, /etc/d, ../../e, {path: f, as: g/h}]"))
    assert [item.name for item in job.inputs] == ["a/b.py", "c.py", "d", "e", "g/h"]


def test_what_is_left_out_has_defaults() -> None:
    job = jobfile.parse(lines())
    assert (job.env, job.inputs, job.outputs, job.retries) == ({}, [], [], 2)
    assert job.to_resources() == Resources(gpu_class=None, memory=None, gpus=1)


def test_the_spec_is_canonical_json_with_every_key() -> None:
    job = jobfile.parse(lines(outputs="[b, a]", env="{Z: 1, A: ü}"))
    inputs = [InputFile(path=path, sha256="0" * 64, size=1) for path in ("z", "y")]
    made = jobfile.spec(job, inputs)
    zero = "0" * 64
    assert made.to_bytes().decode() == (
        '{"command":["a"],"duration_seconds":1,"env":{"A":"ü","Z":"1"},"image":null,'
        f'"inputs":[{{"path":"y","sha256":"{zero}","size":1}},'
        f'{{"path":"z","sha256":"{zero}","size":1}}],'
        '"name":"x","network":"none","outputs":["a","b"],"price":27777,'
        '"priority":50,'
        '"resources":{"allow":[],"class":null,"confined":false,"connectivity":0,"country":[],'
        '"cpus":null,"deny":[],"disk":null,"gpus":1,"memory":null,"near":[],"nodes":1,"ram":null,'
        '"reliability":0,"together":null},'
        '"retries":2,"version":1}'
    )
    assert JobSpec.parse(made.to_bytes()) == made
    assert made.hash().hex() == ("cd87380c113c695d8b7a544421687c379c5bb7e82890f1788aa023f7b8937572")


def test_what_a_job_asks_of_its_nodes_is_in_its_spec() -> None:
    key = "So11111111111111111111111111111111111111112"
    asked = (
        "{nodes: 4, gpus: 2, country: [FR, DE, DE], near: [DE], connectivity: 2, "
        f"reliability: 0.95, allow: [{key}], together: owner, confined: true}}"
    )
    made = jobfile.spec(jobfile.parse(lines(resources=asked, priority="7")), [])
    assert made.priority == 7
    assert made.resources == Resources(
        gpus=2,
        nodes=4,
        country=["DE", "FR"],
        near=["DE"],
        connectivity=2,
        reliability=950,
        allow=[key],
        together="owner",
        confined=True,
    )
    assert JobSpec.parse(made.to_bytes()) == made


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (lines(name=None), "name: missing; accepted: text of 1 to 64 characters"),
        (lines(name="''"), "name: `` is not accepted; accepted: text of 1 to 64 characters"),
        (lines(name="x" * 65), f"name: `{'x' * 60}…` is not accepted"),
        (lines(name="[x]"), "name: `['x']` is not accepted"),
        (lines(name='"a\\nb"'), "name: `a?b` is not accepted"),
        (lines(command="python x"), "command: `python x` is not accepted; accepted: a list"),
        (lines(command="[]"), "command: `[]` is not accepted"),
        (lines(command="[[a]]"), "command.0: `['a']` is not accepted"),
        (lines(command='["a\\0b"]'), "command.0: `a?b` is not accepted"),
        (lines(command=f"[{'x' * 4097}]"), "command.0: `"),
        (lines(command=f"[{'x,' * 257}]"), "command: `"),
        (lines(env="{1A: x}"), "env.1A: `1A` is not accepted; accepted: up to 100 names"),
        (lines(env="{A-B: x}"), "env.A-B: `A-B` is not accepted"),
        (lines(env="{A: [1]}"), "env.A: `['1']` is not accepted"),
        (lines(env="[A]"), "env: `['A']` is not accepted"),
        (lines(inputs="train.py"), "inputs: `train.py` is not accepted"),
        (lines(inputs="[{as: x}]"), "inputs.0.path: missing; accepted: the path of a file"),
        (lines(inputs="[{path: x, as: /y}]"), "inputs.0.as: `/y` is not accepted"),
        (lines(inputs="[{path: x, as: ../y}]"), "inputs.0.as: `../y` is not accepted"),
        (
            lines(inputs="[{path: x, to: y}]"),
            "inputs.0.to: not a key of a job file; accepted: path",
        ),
        (lines(inputs="[a, {path: b, as: a}]"), "inputs: `a` twice"),
        (lines(outputs="[/x]"), "outputs.0: `/x` is not accepted; accepted: a list"),
        (lines(outputs="[a, ../x]"), "outputs.1: `../x` is not accepted"),
        (lines(outputs="[a/../../x]"), "outputs.0: `a/../../x` is not accepted"),
        (lines(outputs="['a\\b']"), "outputs.0: `a\\b` is not accepted"),
        (lines(outputs="[a, a]"), "outputs: `a` twice"),
        (lines(resources="{class: H100}"), "resources.class: `H100` is not accepted"),
        (lines(resources=f"{{class: {'a' * 17}}}"), "resources.class: `"),
        (lines(resources="{memory: 3GB}"), "resources.memory: `3GB` is not accepted"),
        (lines(resources="{memory: 0GiB}"), "resources.memory: `0GiB` is not accepted"),
        (lines(resources="{memory: -1GiB}"), "resources.memory: `-1GiB` is not accepted"),
        (lines(resources="{gpus: 0}"), "resources.gpus: `0` is not accepted; accepted: a whole"),
        (lines(resources="{gpus: -1}"), "resources.gpus: `-1` is not accepted"),
        (lines(resources="{gpus: 1.5}"), "resources.gpus: `1.5` is not accepted"),
        (lines(resources="{gpus: 1025}"), "resources.gpus: `1025` is not accepted"),
        (lines(resources="{gpu: 1}"), "resources.gpu: not a key of a job file; accepted: class"),
        (lines(duration=None), "duration: missing; accepted: a time like 90s"),
        (lines(duration="0s"), "duration: `0s` is not accepted"),
        (lines(duration="90"), "duration: `90` is not accepted"),
        (lines(duration="-1h"), "duration: `-1h` is not accepted"),
        (lines(duration="31d"), "duration: `31d` is not accepted; accepted: a time"),
        (lines(price=None), "price: missing; accepted: the most you pay"),
        (
            lines(price="0"),
            "price: `0` is not accepted; accepted: the most you pay for one GPU, like 0.35 IO/h, "
            "at least 0.000036 IO/h",
        ),
        (lines(price="0 IO/h"), "price: `0 IO/h` is not accepted"),
        (lines(price="0.35"), "price: `0.35` is not accepted"),
        (lines(price="-1 IO/h"), "price: `-1 IO/h` is not accepted"),
        (lines(price="1e3 IO/h"), "price: `1e3 IO/h` is not accepted"),
        (lines(price="0.00001 IO/h"), "price: `0.00001 IO/h` is not accepted"),
        (lines(price="{a: 1}"), "price: `{'a': '1'}` is not accepted"),
        (lines(retries="-1"), "retries: `-1` is not accepted; accepted: a whole number, 0 to 10"),
        (lines(retries="11"), "retries: `11` is not accepted"),
        (lines(retries="many"), "retries: `many` is not accepted"),
        (lines(colour="red"), "colour: not a key of a job file; accepted: name, command, image"),
        (lines(image="Python"), "image: `Python` is not accepted; accepted: the name of a conta"),
        (lines(image="a b"), "image: `a b` is not accepted"),
        (lines(image="--privileged"), "image: `--privileged` is not accepted"),
        (lines(image="a@sha256:12"), "image: `a@sha256:12` is not accepted"),
        (lines(image="a/../b"), "image: `a/../b` is not accepted"),
        (lines(command=None), "neither command nor image; accepted: one of them, or both"),
        (lines(network="host"), "network: `host` is not accepted; accepted: none"),
        (lines(resources="{cpus: 0}"), "resources.cpus: `0` is not accepted; accepted: a whole"),
        (lines(resources="{ram: 8}"), "resources.ram: `8` is not accepted; accepted: main memory"),
        (lines(resources="{ram: 8MiB}"), "resources.ram: `8MiB` is not accepted"),
        (lines(resources="{disk: lots}"), "resources.disk: `lots` is not accepted; accepted: disk"),
        (lines(secrets="[a]"), "secrets: not supported yet"),
        (lines(ports="[80]"), "ports: not supported yet"),
        (lines(schedule="daily"), "schedule: not supported yet"),
        (lines(kind="gang"), "kind: not supported yet"),
        (lines(priority="101"), "priority: `101` is not accepted; accepted: a whole number, 0"),
        (lines(priority="high"), "priority: `high` is not accepted"),
        (lines(resources="{nodes: 0}"), "resources.nodes: `0` is not accepted; accepted: a whole"),
        (lines(resources="{nodes: 65}"), "resources.nodes: `65` is not accepted"),
        (lines(resources="{country: DE}"), "resources.country: `DE` is not accepted; accepted: a"),
        (lines(resources="{country: [de]}"), "resources.country.0: `de` is not accepted"),
        (lines(resources="{near: [Europe]}"), "resources.near.0: `Europe` is not accepted"),
        (lines(resources="{connectivity: 4}"), "resources.connectivity: `4` is not accepted"),
        (
            lines(resources="{reliability: 1.1}"),
            "resources.reliability: `1.1` is not accepted; accepted: a number from 0 to 1 with",
        ),
        (lines(resources="{reliability: 95%}"), "resources.reliability: `95%` is not accepted"),
        (lines(resources="{allow: [x]}"), "resources.allow.0: `x` is not accepted; accepted: a"),
        (lines(resources="{deny: x}"), "resources.deny: `x` is not accepted"),
        (
            lines(resources="{together: rack}"),
            "resources.together: `rack` is not accepted; accepted: owner or country",
        ),
        (lines(resources="{confined: 1}"), "resources.confined: `1` is not accepted; accepted: tr"),
        ("", "not a mapping; accepted: name, command"),
        ("- a", "not a mapping"),
        ("name: [", "line 1, column 8: expected the node content"),
        ("name: x\nname: y", "line 2, column 1: the key `name` stands here twice"),
        ("a: &b 1\nc: *b", "line 2, column 4: aliases are not accepted"),
        ("? [a]\n: b", "line 1, column 3: a key is text"),
        ("\x07", "unacceptable character"),
        ("[" * 5000, "too many levels"),
    ],
)
def test_bad_input_is_refused_in_one_line(text: str, line: str) -> None:
    message = refusal(text)
    assert message.startswith(f"job.yaml: {line}")
    assert "\n" not in message


def test_every_wrong_key_is_named_in_the_one_line() -> None:
    message = refusal(lines(name=None, price="0", retries="-1", foo="1"))
    assert message.startswith("job.yaml: name: missing; accepted: text of 1 to 64 characters")
    assert message.endswith("(also wrong: price, retries, foo)")


def test_a_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="there is no such file"):
        jobfile.load(tmp_path / "job.yaml")


@pytest.mark.parametrize(
    ("data", "message"),
    [(b"name: \xff", "byte 6 is not UTF-8"), (b"#" * (1 << 20) + b"#", "more than 1048576 bytes")],
)
def test_a_file_that_is_no_text_or_too_long_is_refused(
    tmp_path: Path, data: bytes, message: str
) -> None:
    path = tmp_path / "job.yaml"
    path.write_bytes(data)
    with pytest.raises(UsageError, match=message):
        jobfile.load(path)


def test_a_folder_is_no_job_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Is a directory; a readable file is accepted"):
        jobfile.load(tmp_path)


def test_inputs_are_hashed_where_they_lie(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"abc")
    job = jobfile.parse(lines(inputs="[{path: a.txt, as: in/a}]"))
    [found] = jobfile.local_inputs(job, tmp_path)
    assert found.source == tmp_path / "a.txt"
    assert found.file == InputFile(
        path="in/a",
        sha256="ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        size=3,
    )


@pytest.mark.parametrize(("path", "what"), [("gone.txt", "does not exist"), (".", "is a folder")])
def test_an_input_that_is_no_file_is_refused(tmp_path: Path, path: str, what: str) -> None:
    job = jobfile.parse(lines(inputs=f"[{{path: {path}, as: x}}]"))
    with pytest.raises(UsageError, match=f"^j.yaml: inputs: `{path}` {what}; accepted: the path"):
        jobfile.local_inputs(job, tmp_path, "j.yaml")


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('"name"', ' "name"', "not in canonical form"),
        ('"retries":2,', "", "^retries: missing; accepted: a whole number, 0 to 10$"),
        ('"version":1', '"version":2', "^version: `2` is not accepted; accepted: 1$"),
        (
            '"gpus":1',
            '"gpus":0',
            "^resources.gpus: `0` is not accepted; accepted: a whole number, 1 to 1024$",
        ),
        ('"retries":2', '"retries":2,"more":1', "^more: not a key of a spec; accepted: version, n"),
        (
            '"outputs":[]',
            '"outputs":["../x"]',
            r"^outputs.0: `../x` is not accepted; accepted: a list of at most 100 relative paths",
        ),
        (
            '"inputs":[]',
            '"inputs":[{"path":"../x","sha256":"' + "0" * 64 + '","size":1}]',
            "inputs",
        ),
        (
            '"inputs":[]',
            '"inputs":[{"path":"x","sha256":"0","size":1}]',
            "^inputs.0.sha256: `0` is not accepted; accepted: 64 hex digits$",
        ),
        ("{", "[", r"^not JSON \(.*\); accepted: an object of version, name, image, command"),
    ],
)
def test_a_spec_written_otherwise_is_refused(before: str, after: str, message: str) -> None:
    text = jobfile.spec(jobfile.parse(lines()), []).to_bytes().decode()
    with pytest.raises(UsageError, match=message):
        JobSpec.parse(text.replace(before, after, 1))


@pytest.mark.parametrize(
    "image",
    [
        "python",
        "python:3.12-slim",
        "docker.io/library/python:3.12",
        "localhost:5000/team/train_x.y:V1",
        f"ghcr.io/a/b@sha256:{'0' * 64}",
        f"ghcr.io/a/b:tag@sha256:{'0' * 64}",
    ],
)
def test_an_image_makes_a_command_optional(image: str) -> None:
    made = jobfile.spec(jobfile.parse(lines(image=image, command=None)), [])
    assert (made.image, made.command) == (image, [])
    assert JobSpec.parse(made.to_bytes()) == made


def test_a_spec_with_neither_command_nor_image_is_refused() -> None:
    made = jobfile.spec(jobfile.parse(lines()), [])
    with pytest.raises(UsageError, match="neither a command nor an image"):
        JobSpec.parse(made.model_copy(update={"command": []}).to_bytes())


def test_limits_and_network_are_in_the_spec() -> None:
    job = jobfile.parse(lines(resources="{cpus: 4, ram: 8GiB, disk: 20GiB}", network="outbound"))
    made = jobfile.spec(job, [])
    asked = made.resources
    assert (asked.cpus, asked.ram, asked.disk) == (4, 8 << 10, 20 << 10)
    assert made.network == "outbound"
