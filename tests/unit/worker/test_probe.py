"""GPU detection: what a node may have, and what is refused in one line."""

import sys
from types import SimpleNamespace

import pytest

from iog_client.errors import UsageError
from iog_client.gpu_classes import BY_NAME, BY_SLUG, CLASSES, COMMUNITY, ENTERPRISE
from iog_client.protocol import Gpu
from iog_worker.probe import Nvml, Simulated, detect, is_simulated

H100 = "NVIDIA H100 PCIe"


class Cards:
    """A machine with these cards."""

    def __init__(self, *names: str) -> None:
        self._names = names

    def gpus(self) -> list[Gpu]:
        return [
            Gpu(name=name, uuid=f"GPU-{index}", memory=81559)
            for index, name in enumerate(self._names)
        ]

    def driver(self) -> str:
        return "550.54"

    def devices(self) -> dict[str, str]:
        return {}


def test_gpus_of_one_model_give_its_class() -> None:
    found = detect(Cards(H100, H100))
    assert (found.gpu_class, len(found.gpus), found.driver) == ("h100-pcie", 2, "550.54")
    assert not is_simulated(found.gpus)


def test_simulated_gpus_say_so_in_name_and_uuid() -> None:
    found = detect(Simulated("8xh100-pcie", "DEVICEKEY123"))
    assert [gpu.uuid for gpu in found.gpus] == [f"SIM-DEVICEKE-{index}" for index in range(8)]
    assert {gpu.name for gpu in found.gpus} == {"Simulated NVIDIA H100 PCIe"}
    assert {gpu.memory for gpu in found.gpus} == {81920}
    assert found.gpu_class == "h100-pcie"
    assert is_simulated(found.gpus)


class Library:
    """NVIDIA's management library, as nvidia-ml-py shows it."""

    class NVMLError(Exception):
        pass

    def __init__(self, *names: str, driver: bool = True) -> None:
        self.names = names
        self.driver = driver
        self.closed = False

    def nvmlInit(self) -> None:  # noqa: N802
        if not self.driver:
            raise self.NVMLError("Driver Not Loaded")

    def nvmlShutdown(self) -> None:  # noqa: N802
        self.closed = True

    def nvmlSystemGetDriverVersion(self) -> str:  # noqa: N802
        return "550.54"

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        return len(self.names)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:  # noqa: N802
        return index

    def nvmlDeviceGetName(self, handle: int) -> str:  # noqa: N802
        if self.names[handle] == "lost":
            raise self.NVMLError("GPU is lost")
        return self.names[handle]

    def nvmlDeviceGetUUID(self, handle: int) -> str:  # noqa: N802
        return f"GPU-{handle}"

    def nvmlDeviceGetMinorNumber(self, handle: int) -> int:  # noqa: N802
        # the driver numbers cards in another order than the library lists them
        return len(self.names) - 1 - handle

    def nvmlDeviceGetMemoryInfo(self, handle: int) -> SimpleNamespace:  # noqa: N802
        return SimpleNamespace(total=81_559 << 20)


def test_gpus_are_read_from_the_drivers_library(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library(H100, H100)
    monkeypatch.setitem(sys.modules, "pynvml", library)
    found = detect(Nvml())
    assert found.gpus == [
        Gpu(name=H100, uuid="GPU-0", memory=81_559),
        Gpu(name=H100, uuid="GPU-1", memory=81_559),
    ]
    assert (found.driver, library.closed) == ("550.54", True)


def test_a_gpus_device_file_goes_by_its_minor_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", Library(H100, H100))
    assert Nvml().devices() == {"GPU-0": "/dev/nvidia1", "GPU-1": "/dev/nvidia0"}
    assert Simulated("2xh100-pcie", "DEVICEKEY123").devices() == {}


def test_a_machine_without_a_driver_has_no_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", Library(H100, driver=False))
    with pytest.raises(UsageError, match="no GPU was found"):
        detect(Nvml())


def test_a_gpu_that_fails_is_told_in_the_drivers_words(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library(H100, "lost")
    monkeypatch.setitem(sys.modules, "pynvml", library)
    with pytest.raises(UsageError, match="GPU is lost"):
        Nvml()
    assert library.closed


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)
    with pytest.raises(UsageError, match=r"install `iog\[worker\]`"):
        Nvml()


def test_no_gpu_is_refused_with_what_is_accepted() -> None:
    with pytest.raises(UsageError, match=r"no GPU was found; .* --simulate 8xh100-pcie"):
        detect(Cards())


def test_mixed_gpus_are_refused_by_name() -> None:
    with pytest.raises(UsageError, match=r"differ \(NVIDIA H100 PCIe, NVIDIA L4\)"):
        detect(Cards(H100, "NVIDIA L4"))


def test_an_unknown_model_is_refused_with_the_classes_there_are() -> None:
    with pytest.raises(UsageError, match=r"`NVIDIA A10` is of no class; accepted are b200, h200"):
        detect(Cards("NVIDIA A10"))


def test_a_laptop_gpu_does_not_pass_for_the_desktop_model() -> None:
    with pytest.raises(UsageError, match="of no class"):
        detect(Cards("NVIDIA GeForce RTX 4090 Laptop GPU"))


def test_another_class_than_the_wanted_one_is_refused() -> None:
    with pytest.raises(UsageError, match="of class h100-pcie, not h200"):
        detect(Cards(H100), "h200")


def test_a_wanted_class_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UsageError, match="there is no GPU class `h101`"):
        detect(Cards(H100), "h101")


@pytest.mark.parametrize(
    "text", ["", "h100-pcie", "0xh100-pcie", "1025xh100-pcie", "-1xh100", "8x", "8 x l4", "٣xl4"]
)
def test_a_wrong_simulation_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="1 to 1024 GPUs are accepted"):
        Simulated(text, "d")


def test_a_simulation_of_no_class_is_refused() -> None:
    with pytest.raises(UsageError, match="there is no GPU class `h999`"):
        Simulated("1xh999", "d")


def test_slugs_and_names_are_unique_and_fit_the_chain() -> None:
    assert len(BY_SLUG) == len(CLASSES)
    assert len(BY_NAME) == sum(len(one.names) for one in CLASSES)
    for one in CLASSES:
        assert len(one.slug) <= 16
        assert one.slug.replace("-", "").isalnum()
        assert one.slug == one.slug.lower()
        assert one.pool in (ENTERPRISE, COMMUNITY)
        assert one.multiplier > 0


@pytest.mark.parametrize(
    ("slug", "multiplier", "pool", "memory"),
    [
        ("b200", 30_000, ENTERPRISE, 180),
        ("h100-pcie", 10_000, ENTERPRISE, 80),
        ("rtx-4090", 1_250, ENTERPRISE, 24),
        ("rtx-6000-ada", 4_500, COMMUNITY, 48),
        ("l4", 250, COMMUNITY, 24),
    ],
)
def test_multipliers_are_those_of_the_table(
    slug: str, multiplier: int, pool: int, memory: int
) -> None:
    one = BY_SLUG[slug]
    assert (one.multiplier, one.pool, one.memory) == (multiplier, pool, memory)
