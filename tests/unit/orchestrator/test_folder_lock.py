"""One orchestrator alone in a folder, or several beside another database: never both."""

from pathlib import Path
from typing import cast

import pytest
from orchestrator_store import open_store

from iog_client.errors import NotAllowed
from iog_client.examination import Broken
from iog_client.rpc import Rpc
from iog_orchestrator.adapters import doctor
from iog_orchestrator.adapters.folder_lock import locked_beside, require_writable
from iog_orchestrator.domain.errors import StoreRefused

FACTS = {"genesis_hash": "genesis", "mint": "mint"}
UNWRITABLE = Path("/proc")
"""Where root cannot make a file either."""


async def said(folder: Path, database: str | None = None) -> str:
    """What the doctor says of the folder, without its size."""
    served = doctor.Served(folder / "network", folder, cast(Rpc, None), "", "", database=database)
    return (await doctor._folder(served)).split(" GiB free, ")[1]


def entries(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_sqlite_is_refused_where_others_have_a_database(tmp_path: Path) -> None:
    with locked_beside(tmp_path), locked_beside(tmp_path):
        with pytest.raises(StoreRefused, match=f"^{tmp_path} is in use by orchestrators with --"):
            await open_store(tmp_path, FACTS)
        assert await said(tmp_path, "url") == "in use by orchestrators with --database"
        with pytest.raises(Broken, match="is in use by orchestrators with --database"):
            await said(tmp_path)
    await (await open_store(tmp_path, FACTS)).close()


async def test_those_with_a_database_are_refused_where_sqlite_is_used(tmp_path: Path) -> None:
    store = await open_store(tmp_path, FACTS)
    with (
        pytest.raises(StoreRefused, match=f"^{tmp_path} is in use by an orchestrator without --"),
        locked_beside(tmp_path),
    ):
        pytest.fail("both have the folder")
    assert await said(tmp_path) == "in use by an orchestrator"
    with pytest.raises(Broken, match="is in use by an orchestrator without --database"):
        await said(tmp_path, "url")
    await store.close()
    with locked_beside(tmp_path):
        pass
    assert await said(tmp_path) == "no orchestrator has it now"


async def test_a_folder_that_nobody_used_is_only_looked_at(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    assert await said(folder) == "not used yet"
    assert entries(tmp_path) == []


async def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        require_writable(UNWRITABLE)
    with pytest.raises(NotAllowed, match=f"^{UNWRITABLE} cannot be written: "):
        await said(UNWRITABLE / "orchestrator")
    with pytest.raises(StoreRefused, match="cannot be used: "), locked_beside(UNWRITABLE / "new"):
        pytest.fail("it is used")
    (tmp_path / "logs").symlink_to(UNWRITABLE)
    with pytest.raises(NotAllowed, match="cannot be written: "):
        await said(tmp_path)
