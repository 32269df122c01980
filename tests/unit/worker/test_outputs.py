"""What is taken from a finished job, and what is not."""

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from iog_worker import outputs
from iog_worker.outputs import OutputMissing, collect, metrics
from iog_worker.runfiles import clear


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    (folder / "runs" / "a").mkdir(parents=True)
    (folder / "model.bin").write_bytes(b"weights")
    (folder / "runs" / "a" / "one.csv").write_text("1")
    (folder / "runs" / "two.csv").write_text("22")
    (tmp_path / "secret").write_text("key")
    return folder


def paths(work: Path, *declared: str, partial: bool = False) -> list[str]:
    return [one.file.path for one in collect(work, list(declared), partial=partial)]


def test_a_file_is_taken_with_its_hash_and_size(work: Path) -> None:
    (found,) = collect(work, ["model.bin"])
    assert found.file.sha256 == hashlib.sha256(b"weights").hexdigest()
    assert found.file.size == 7


def test_a_folder_gives_all_files_below_it(work: Path) -> None:
    assert paths(work, "runs") == ["runs/a/one.csv", "runs/two.csv"]


def test_a_pattern_gives_what_it_matches(work: Path) -> None:
    assert paths(work, "runs/*.csv") == ["runs/two.csv"]
    assert paths(work, "**/*.csv") == ["runs/a/one.csv", "runs/two.csv"]


def test_a_file_declared_twice_is_taken_once(work: Path) -> None:
    assert paths(work, "model.bin", "*.bin") == ["model.bin"]


@pytest.mark.parametrize("declared", ["absent", "*.txt", "runs/none/*", "secret"])
def test_a_missing_output_is_named(work: Path, declared: str) -> None:
    with pytest.raises(OutputMissing, match="the job left no"):
        collect(work, [declared])


def test_what_is_there_is_taken_when_the_job_did_not_complete(work: Path) -> None:
    assert paths(work, "absent", "model.bin", partial=True) == ["model.bin"]


def test_links_that_lead_out_are_not_followed(work: Path) -> None:
    (work / "link").symlink_to("../secret")
    (work.parent / "elsewhere").mkdir()
    (work.parent / "elsewhere" / "secret").write_text("key")
    (work / "folder").symlink_to("../elsewhere")
    for declared in ("link", "folder", "folder/secret"):
        with pytest.raises(OutputMissing):
            collect(work, [declared])


def test_a_link_that_leads_out_is_not_walked_through(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = work.parent / "outside"
    outside.mkdir()
    for number in range(30):
        (outside / str(number)).touch()
    (work / "all").symlink_to(outside)
    monkeypatch.setattr(outputs, "MAX_LOOKED", 10)
    for declared in ("all", "al*"):
        with pytest.raises(OutputMissing, match="the job left no al"):
            paths(work, declared)


@pytest.mark.parametrize("part", ["**", "**/a"])
def test_each_folder_is_looked_into_once_for_a_part_of_a_pattern(
    work: Path, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    deep = work.joinpath(*["a"] * 30)
    deep.mkdir(parents=True)
    (deep / "x").touch()
    monkeypatch.setattr(outputs, "MAX_LOOKED", 5_000)
    pattern = "/".join([*[part] * 15, "x"])
    assert paths(work, pattern) == ["/".join([*["a"] * 30, "x"])]


def test_folders_are_looked_into_only_so_long(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs, "MAX_LOOKED", 3)
    with pytest.raises(OutputMissing, match="cannot be found among more than 3 entries"):
        paths(work, "runs", "**/*.csv")


def test_an_empty_folder_is_no_output(work: Path) -> None:
    (work / "empty").mkdir()
    with pytest.raises(OutputMissing):
        collect(work, ["empty"])


def test_too_many_files_are_refused(work: Path) -> None:
    (work / "many").mkdir()
    for index in range(1001):
        (work / "many" / str(index)).touch()
    with pytest.raises(OutputMissing, match="1001 files; at most 1000"):
        collect(work, ["many"])


def test_a_name_that_no_frame_carries_is_refused(work: Path) -> None:
    (work / "odd").mkdir()
    with open(bytes(work / "odd") + b"/\xff", "w"):  # noqa: PTH123 - Path takes no bytes
        pass
    with pytest.raises(OutputMissing, match="a name that cannot be sent"):
        collect(work, ["odd"])
    assert paths(work, "odd", "model.bin", partial=True) == ["model.bin"]


@pytest.mark.parametrize("name", ["a\nb", "a\\b", "/".join(["d" * 200] * 3)])
def test_a_name_that_the_client_does_not_take_is_refused(work: Path, name: str) -> None:
    (work / "odd" / name).parent.mkdir(parents=True)
    (work / "odd" / name).touch()
    with pytest.raises(OutputMissing, match="a name that cannot be sent"):
        collect(work, ["odd"])


@pytest.mark.parametrize("declared", ["a**b", "x" * 300, "/".join(["y" * 200] * 20)])
def test_a_pattern_that_the_system_refuses_is_a_missing_output(work: Path, declared: str) -> None:
    with pytest.raises(OutputMissing):
        collect(work, [declared])


def test_folders_nested_too_deep_are_a_missing_output(work: Path) -> None:
    nest(work / "deep", 1500)
    with pytest.raises(OutputMissing):
        collect(work, ["deep"])
    # nor could pytest delete it
    assert clear(work / "deep")


def nest(folder: Path, depth: int) -> None:
    """A folder in a folder, so often."""
    script = f"import os; [(os.mkdir('d'), os.chdir('d')) for _ in range({depth})]; open('f', 'w')"
    folder.mkdir()
    subprocess.run([sys.executable, "-c", script], cwd=folder, check=True)


AS_NOBODY = """
import os
from pathlib import Path
from iog_worker import outputs
os.getuid() or os.setuid(65534)  # root may read everything
for ask in (lambda work: outputs.collect(work, ["model.bin"]), outputs.metrics):
    try:
        ask(Path.cwd())
    except outputs.OutputMissing as error:
        print(error.message)
"""


def test_a_file_that_cannot_be_read_is_a_missing_output() -> None:
    # not in pytest's folders, which are for their owner alone
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        for name in ("model.bin", "metrics.json"):
            (Path(folder) / name).touch(mode=0)
        done = subprocess.run(
            [sys.executable, "-c", AS_NOBODY],
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
    assert done.stdout.splitlines() == [
        "the job left model.bin, which cannot be read: Permission denied",
        "metrics.json cannot be read: Permission denied",
    ]


def test_metrics_are_a_flat_object_of_figures(work: Path) -> None:
    assert metrics(work) == {}
    (work / "metrics.json").write_text('{"accuracy": 0.97, "epochs": 3, "model": "small"}')
    assert metrics(work) == {"accuracy": 0.97, "epochs": 3, "model": "small"}


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "1",
        "{",
        "[" * 100_000,
        '{"a": {}}',
        '{"a": null}',
        '{"a": true}',
        '{"a": NaN}',
        '{"a": 1e999}',
        json.dumps({"a": "x" * 1001}),
        '{"a": "\\ud800"}',
        '{"\\udfff": 1}',
        '{"a": 9223372036854775808}',
        json.dumps({str(index): 1 for index in range(101)}),
        " " * 70_000,
    ],
)
def test_other_metrics_are_refused(work: Path, text: str) -> None:
    (work / "metrics.json").write_text(text)
    with pytest.raises(OutputMissing, match=r"metrics\.json"):
        metrics(work)


def test_metrics_through_a_link_are_not_read(work: Path) -> None:
    (work.parent / "outside.json").write_text('{"a": 1}')
    (work / "metrics.json").symlink_to("../outside.json")
    assert metrics(work) == {}
