"""A container engine with a store of its own, an image of this machine's tools, and a registry."""

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from iog_worker import engines
from iog_worker.containers import Cli

TOOLS = ("sh", "cat", "dd", "head", "id", "ls", "mkdir", "seq", "sleep", "tail", "touch")
UNKNOWN = b'{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}'
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def tools() -> bytes:
    """An archive with a few programs of this machine and the libraries that they need."""
    files = [path for name in TOOLS if (path := shutil.which(name)) is not None]
    wanted = {f"/bin/{Path(path).name}": path for path in files}
    for path in files:
        listed = subprocess.run(["ldd", path], capture_output=True, text=True, check=False).stdout
        wanted |= {found: found for found in re.findall(r"(/\S+) \(0x", listed)}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for target, source in sorted(wanted.items()):
            data = Path(source).read_bytes()
            entry = tarfile.TarInfo(target.lstrip("/"))
            entry.size, entry.mode = len(data), 0o755
            archive.addfile(entry, io.BytesIO(data))
    return packed.getvalue()


class Registry:
    """Gives images to engines, at `host`."""

    def __init__(self) -> None:
        self.content: dict[str, tuple[str, bytes]] = {}
        self.asked: list[str] = []
        registry = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.do_HEAD(body=True)

            def do_HEAD(self, *, body: bool = False) -> None:
                registry.asked.append(self.path)
                kind, data = registry.content.get(self.path, ("application/json", UNKNOWN))
                known = self.path in registry.content or self.path == "/v2/"
                self.send_response(200 if known else 404)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.send_header("Docker-Content-Digest", digest(data))
                self.end_headers()
                if body:
                    self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def add(self, name: str, layer: bytes, **config: object) -> str:
        """Have an image; its digest."""
        inside = {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Env": ["PATH=/bin"], **config},
            "rootfs": {"type": "layers", "diff_ids": [digest(layer)]},
        }
        packed = json.dumps(inside).encode()
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": CONFIG, "digest": digest(packed), "size": len(packed)},
            "layers": [{"mediaType": LAYER, "digest": digest(layer), "size": len(layer)}],
        }
        written = json.dumps(manifest).encode()
        path = f"/v2/{name}"
        for tag in ("1", digest(written)):
            self.content[f"{path}/manifests/{tag}"] = (MANIFEST, written)
        for data in (packed, layer):
            self.content[f"{path}/blobs/{digest(data)}"] = ("application/octet-stream", data)
        return digest(written)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass
class Shop:
    """An engine, the environment that a worker needs to find it, and a registry with an image."""

    engine: Cli
    env: dict[str, str]
    registry: Registry
    digest: str

    @property
    def image(self) -> str:
        return f"{self.registry.host}/iog/tools:1"

    @property
    def pinned(self) -> str:
        return f"{self.registry.host}/iog/tools@{self.digest}"

    def containers(self) -> list[str]:
        """Names of the containers there are, ended ones too."""
        asked = [self.engine.program, "ps", "--all", "--format", "{{.Names}}"]
        listed = subprocess.run(
            asked, env=dict(self.engine.env), capture_output=True, text=True, check=True
        )
        return listed.stdout.split()


def podman(folder: Path, registry: str) -> tuple[Cli | None, dict[str, str]]:
    """Podman with all its files in `folder`, by whichever of its runtimes works here."""
    complaints: list[str] = []
    for runtime in ("crun", "runc"):
        if shutil.which(runtime) is None:
            continue
        (folder / "containers.conf").write_text(
            f'[engine]\nruntime = "{runtime}"\n'
            'cgroup_manager = "cgroupfs"\nevents_logger = "file"\n'
        )
        (folder / "storage.conf").write_text(
            f'[storage]\ndriver = "vfs"\ngraphroot = "{folder}/root"\nrunroot = "{folder}/run"\n'
        )
        (folder / "registries.conf").write_text(
            f'[[registry]]\nlocation = "{registry}"\ninsecure = true\n'
        )
        env = {
            "CONTAINERS_CONF": str(folder / "containers.conf"),
            "CONTAINERS_STORAGE_CONF": str(folder / "storage.conf"),
            "CONTAINERS_REGISTRIES_CONF": str(folder / "registries.conf"),
        }
        found, why = engines.find("auto", os.environ | env)
        if found is not None and found.name == "podman":
            return found, env
        complaints += why
    print("no container engine works here:", "; ".join(complaints))  # noqa: T201
    return None, {}
