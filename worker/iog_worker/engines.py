"""Which container engine works on this machine: each is tried by running nothing in it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from iog_client.errors import Refused

from .containers import Cli, EngineFailed, Name

Choice = Literal["auto", "docker", "podman", "none"]

_PASSED_ON = (
    "CONTAINERS_CONF",
    "CONTAINERS_REGISTRIES_CONF",
    "CONTAINERS_STORAGE_CONF",
    "DBUS_SESSION_BUS_ADDRESS",
    "DOCKER_CERT_PATH",
    "DOCKER_CONFIG",
    "DOCKER_CONTEXT",
    "DOCKER_HOST",
    "DOCKER_TLS_VERIFY",
    "HOME",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "REGISTRY_AUTH_FILE",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_RUNTIME_DIR",
)
"""What an engine is told of the worker's environment: where its files, its registries and its
daemon are."""
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_ASK_SECONDS = 10.0


class NoEngine(Refused):
    """the container engine that was asked for does not work here"""


def find(choice: Choice, env: Mapping[str, str]) -> tuple[Cli | None, list[str]]:
    """The first engine that runs a container here, and what those before it complained of.

    Raises:
        NoEngine: the one that `choice` names does not.
    """
    names: tuple[Name, ...] = ("podman", "docker")
    if choice == "none":
        return None, []
    complaints: list[str] = []
    for name in names if choice == "auto" else (choice,):
        try:
            return _working(name, env), complaints
        except EngineFailed as error:
            complaints.append(f"{name}: {error}")
    if choice != "auto":
        raise NoEngine(f"--engine {complaints[0]}; --engine none does without containers")
    return None, complaints


def _working(name: Name, env: Mapping[str, str]) -> Cli:
    """The engine with as much of what it should do as works here. Raises `EngineFailed`."""
    program = shutil.which(name)
    if program is None:
        raise EngineFailed("it is not installed")
    known = {key: env[key] for key in _PASSED_ON if key in env} | {"PATH": _PATH}
    engine = Cli(name, program, known)
    engine = replace(engine, root=_as_root(engine))
    for limits, init in ((True, True), (True, False), (False, True), (False, False)):
        tried = replace(engine, limits=limits, init=init)
        try:
            tried.try_out()
        except EngineFailed as error:
            failed = error
        else:
            return tried
    raise failed


def _as_root(engine: Cli) -> bool:
    """Whether containers are made by root. Raises `EngineFailed` when no engine answers."""
    if engine.name == "podman":
        return os.geteuid() == 0
    asked = [engine.program, "info", "--format", "{{json .SecurityOptions}}"]
    try:
        done = subprocess.run(
            asked, env=dict(engine.env), capture_output=True, timeout=_ASK_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        raise EngineFailed("it does not answer") from None
    if done.returncode != 0:
        raise EngineFailed("its daemon does not answer")
    return b"rootless" not in done.stdout
