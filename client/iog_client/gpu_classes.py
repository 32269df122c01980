"""The GPU models the network pays for: their slugs, NVML names, multipliers and pools.

Multipliers are those of the IO network's table of June 2025, in thousandths; a network sets its own
on chain (`class_set`), and these are what it starts from. Models dropped there (A10, A16, A40,
1080 Ti, 2080 Ti, 3050) are left out, and so are Apple's, which NVML does not know.
"""

from dataclasses import dataclass

ENTERPRISE = 0
COMMUNITY = 1


@dataclass(frozen=True, slots=True)
class GpuClass:
    """One class. `names` are NVML's exact device names; `memory` is in GiB, as sold."""

    slug: str
    names: tuple[str, ...]
    multiplier: int
    pool: int
    memory: int


def _geforce(model: str) -> tuple[str, ...]:
    return (f"NVIDIA GeForce RTX {model}", f"GeForce RTX {model}")


def _workstation(model: str) -> tuple[str, ...]:
    return (f"NVIDIA RTX {model}", f"RTX {model}")


_E, _C = ENTERPRISE, COMMUNITY

CLASSES: tuple[GpuClass, ...] = (
    GpuClass("b200", ("NVIDIA B200",), 30_000, _E, 180),
    GpuClass("h200", ("NVIDIA H200", "NVIDIA H200 NVL"), 12_000, _E, 141),
    GpuClass("h100-sxm", ("NVIDIA H100 80GB HBM3",), 10_000, _E, 80),
    GpuClass("h100-pcie", ("NVIDIA H100 PCIe",), 10_000, _E, 80),
    GpuClass("a100-80-sxm", ("NVIDIA A100-SXM4-80GB",), 5_000, _E, 80),
    GpuClass("a100-80-pcie", ("NVIDIA A100 80GB PCIe",), 5_000, _E, 80),
    GpuClass("a100-40", ("NVIDIA A100-SXM4-40GB", "NVIDIA A100-PCIE-40GB"), 2_000, _E, 40),
    GpuClass("l40s", ("NVIDIA L40S",), 3_000, _E, 48),
    GpuClass("rtx-4090", _geforce("4090"), 1_250, _E, 24),
    GpuClass("rtx-4090-d", _geforce("4090 D"), 1_250, _E, 24),
    GpuClass("rtx-6000-ada", _workstation("6000 Ada Generation"), 4_500, _C, 48),
    GpuClass("rtx-5000-ada", _workstation("5000 Ada Generation"), 3_000, _C, 32),
    GpuClass("rtx-4080", _geforce("4080"), 2_750, _C, 16),
    GpuClass("rtx-4070-ti", _geforce("4070 Ti"), 2_500, _C, 12),
    GpuClass("rtx-3090-ti", _geforce("3090 Ti"), 2_000, _C, 24),
    GpuClass("rtx-a6000", _workstation("A6000"), 2_000, _C, 48),
    GpuClass("rtx-3090", _geforce("3090"), 1_750, _C, 24),
    GpuClass("rtx-3080-ti", _geforce("3080 Ti"), 1_750, _C, 12),
    GpuClass("rtx-3080", _geforce("3080"), 1_500, _C, 10),
    GpuClass("rtx-4070", _geforce("4070"), 1_500, _C, 12),
    GpuClass("rtx-5000", ("Quadro RTX 5000",), 1_500, _C, 16),
    GpuClass("rtx-a5000", _workstation("A5000"), 1_500, _C, 24),
    GpuClass("rtx-a4000", _workstation("A4000"), 1_500, _C, 16),
    GpuClass("rtx-3070", _geforce("3070"), 1_000, _C, 8),
    GpuClass("rtx-3070-ti", _geforce("3070 Ti"), 1_000, _C, 8),
    GpuClass("rtx-4060", _geforce("4060"), 1_000, _C, 8),
    GpuClass("rtx-4060-ti", _geforce("4060 Ti"), 1_000, _C, 8),
    GpuClass("rtx-4000-sff-ada", _workstation("4000 SFF Ada Generation"), 1_000, _C, 20),
    GpuClass("rtx-3060", _geforce("3060"), 750, _C, 12),
    GpuClass("rtx-3060-ti", _geforce("3060 Ti"), 750, _C, 8),
    GpuClass("rtx-4000", ("Quadro RTX 4000",), 750, _C, 8),
    GpuClass("v100-16", ("Tesla V100-SXM2-16GB", "Tesla V100-PCIE-16GB"), 750, _C, 16),
    GpuClass(
        "v100-32",
        ("Tesla V100-SXM2-32GB", "Tesla V100-PCIE-32GB", "Tesla V100S-PCIE-32GB"),
        750,
        _C,
        32,
    ),
    GpuClass("t4", ("Tesla T4",), 500, _C, 16),
    GpuClass("l4", ("NVIDIA L4",), 250, _C, 24),
)

BY_SLUG = {gpu_class.slug: gpu_class for gpu_class in CLASSES}
BY_NAME = {name: gpu_class for gpu_class in CLASSES for name in gpu_class.names}


def accepted() -> str:
    """All slugs in one line, for messages."""
    return ", ".join(BY_SLUG)
