"""What this machine has: GPUs by NVML or simulated, and the rest by the operating system."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Protocol

from iog_client.errors import UsageError
from iog_client.gpu_classes import BY_NAME, BY_SLUG, GpuClass, accepted
from iog_client.jobspec import MAX_GPUS
from iog_client.protocol import Gpu, Hardware

_SIMULATED = re.compile(r"([0-9]{1,4})x([a-z0-9-]{1,16})")


class GpuSource(Protocol):
    """Where GPU facts come from."""

    def gpus(self) -> list[Gpu]:
        """All GPUs there are; none when there is no driver."""

    def driver(self) -> str:
        """Version of the driver, empty when GPUs are simulated."""

    def devices(self) -> dict[str, str]:
        """The device file of each GPU by its UUID; simulated ones have none."""


class Nvml:
    """GPUs as the driver's management library lists them."""

    def __init__(self) -> None:
        self._gpus: list[Gpu] = []
        self._devices: dict[str, str] = {}
        self._driver = ""
        try:
            import pynvml
        except ImportError:
            raise UsageError(
                "the GPUs of this machine cannot be read: install `iog[worker]`"
            ) from None
        try:
            pynvml.nvmlInit()
        except pynvml.NVMLError:
            return  # no driver, hence no GPU that could be used
        try:
            self._driver = str(pynvml.nvmlSystemGetDriverVersion())
            for index in range(pynvml.nvmlDeviceGetCount()):
                handle = pynvml.nvmlDeviceGetHandleByIndex(index)
                uuid = str(pynvml.nvmlDeviceGetUUID(handle))
                self._gpus.append(
                    Gpu(
                        name=str(pynvml.nvmlDeviceGetName(handle)),
                        uuid=uuid,
                        memory=int(pynvml.nvmlDeviceGetMemoryInfo(handle).total) >> 20,
                    )
                )
                # the index is NVML's own order; the device file goes by the driver's minor number
                self._devices[uuid] = f"/dev/nvidia{pynvml.nvmlDeviceGetMinorNumber(handle)}"
        except pynvml.NVMLError as error:
            raise UsageError(f"the GPU driver gives no facts about its GPUs: {error}") from None
        finally:
            pynvml.nvmlShutdown()

    def gpus(self) -> list[Gpu]:
        return self._gpus

    def driver(self) -> str:
        return self._driver

    def devices(self) -> dict[str, str]:
        return self._devices


class Simulated:
    """GPUs that are not there, for networks that allow them; `text` is like `8xh100-pcie`.

    Raises:
        UsageError: the text names no number and class.
    """

    def __init__(self, text: str, device: str) -> None:
        match = _SIMULATED.fullmatch(text)
        count = int(match[1]) if match else 0
        if match is None or not 1 <= count <= MAX_GPUS:
            raise UsageError(
                f"`{text[:60]}` is not a number of GPUs and a class, such as 8xh100-pcie; "
                f"1 to {MAX_GPUS} GPUs are accepted"
            )
        self._class = class_of(match[2])
        self._count = count
        self._device = device

    def gpus(self) -> list[Gpu]:
        name = f"Simulated {self._class.names[0]}"
        return [
            Gpu(name=name, uuid=f"SIM-{self._device[:8]}-{i}", memory=self._class.memory << 10)
            for i in range(self._count)
        ]

    def driver(self) -> str:
        return ""

    def devices(self) -> dict[str, str]:
        return {}


def class_of(slug: str) -> GpuClass:
    """The class of that slug. Raises `UsageError` naming those there are."""
    found = BY_SLUG.get(slug)
    if found is None:
        raise UsageError(f"there is no GPU class `{slug[:60]}`; there are {accepted()}")
    return found


def is_simulated(gpus: list[Gpu]) -> bool:
    """Whether any of these GPUs is simulated."""
    return any(gpu.uuid.startswith("SIM-") for gpu in gpus)


def detect(source: GpuSource, wanted: str | None = None) -> Hardware:
    """The machine's hardware; all of its GPUs have to be of one class, the `wanted` one if given.

    Raises:
        UsageError: no GPU, GPUs of several models, a model of no class, or of another class.
    """
    if wanted is not None:
        class_of(wanted)
    gpus = source.gpus()
    if not gpus:
        raise UsageError(
            "no GPU was found; a node needs NVIDIA GPUs of one model with their driver, "
            "or --simulate 8xh100-pcie on a network that allows it"
        )
    names = sorted({gpu.name for gpu in gpus})
    if len(names) > 1:
        raise UsageError(f"the GPUs differ ({', '.join(names)}); a node has GPUs of one model")
    found = BY_NAME.get(names[0].removeprefix("Simulated "))
    if found is None:
        raise UsageError(f"the GPU `{names[0]}` is of no class; accepted are {accepted()}")
    if wanted not in (None, found.slug):
        raise UsageError(f"the GPUs are {names[0]}, of class {found.slug}, not {wanted}")
    return _hardware(gpus, found.slug, source.driver())


def _hardware(gpus: list[Gpu], slug: str, driver: str) -> Hardware:
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
    return Hardware(
        gpus=gpus,
        gpu_class=slug,
        driver=driver,
        cpus=len(os.sched_getaffinity(0)),
        memory=memory,
        disk=shutil.disk_usage(Path.home()).free >> 20,
    )
