"""Settings: flags over environment over file over default, each fault naming its place."""

from pathlib import Path

import pytest

from iog_client import config
from iog_client.errors import NotAllowed, UsageError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "iog" / "config.toml"


def environ(file: Path, **others: str) -> dict[str, str]:
    return {"IOG_CONFIG": str(file), **others}


def test_without_anything_the_defaults_hold(file: Path) -> None:
    settings = config.load(environ=environ(file))
    assert settings.rpc_url == "http://127.0.0.1:8899"
    assert settings.orchestrator_url == "http://127.0.0.1:8787"
    assert settings.wallet == Path("~/.config/iog/wallet.json").expanduser()


def test_a_flag_beats_the_environment_which_beats_the_file(file: Path) -> None:
    config.write_value(file, "rpc_url", "http://file:1")
    config.write_value(file, "orchestrator_url", "http://file:2")
    config.write_value(file, "wallet", "/file")
    variables = environ(file, IOG_RPC_URL="http://env:1", IOG_ORCHESTRATOR_URL="http://env:2")
    settings, sources = config.resolve({"rpc_url": "http://flag:1"}, variables)
    assert settings == config.Settings("http://flag:1", "http://env:2", Path("/file"))
    assert sources == {
        "rpc_url": "flag",
        "orchestrator_url": "IOG_ORCHESTRATOR_URL",
        "wallet": str(file),
    }


def test_an_empty_variable_is_as_good_as_none(file: Path) -> None:
    assert config.load(environ=environ(file, IOG_RPC_URL="")).rpc_url == config.DEFAULT_RPC


def test_setting_one_name_keeps_the_others(file: Path) -> None:
    config.write_value(file, "wallet", '/a "quoted" path')
    config.write_value(file, "rpc_url", "http://node:1")
    assert config.read_file(file) == {"rpc_url": "http://node:1", "wallet": '/a "quoted" path'}


@pytest.mark.parametrize(
    "url", ["node:8899", "ftp://node", "http://", "http://node:0", "http://node:x", "nonsense"]
)
def test_what_is_not_a_url_is_refused_naming_the_variable(file: Path, url: str) -> None:
    with pytest.raises(UsageError, match=r"rpc_url \(IOG_RPC_URL\) is .* which is not a URL"):
        config.load(environ=environ(file, IOG_RPC_URL=url))


def test_the_orchestrator_may_have_several_addresses(file: Path) -> None:
    settings = config.load(orchestrator_url="http://a:1/, http://b:2", environ=environ(file))
    assert settings.orchestrator_url == "http://a:1,http://b:2"


@pytest.mark.parametrize("bad", ["", "b:1", "http://b:0"])
def test_a_bad_address_among_several_is_named(file: Path, bad: str) -> None:
    fault = rf"orchestrator_url \(IOG_ORCHESTRATOR_URL\) is .* in which `{bad}` is not a URL"
    with pytest.raises(UsageError, match=fault):
        config.load(environ=environ(file, IOG_ORCHESTRATOR_URL=f"http://a:1,{bad}"))


def test_an_unknown_name_in_the_file_is_refused(file: Path) -> None:
    file.parent.mkdir()
    file.write_text('colour = "red"\n')
    with pytest.raises(UsageError, match="there is no setting `colour`; there are rpc_url, "):
        config.load(environ=environ(file))


def test_a_value_of_another_type_in_the_file_is_refused(file: Path) -> None:
    file.parent.mkdir()
    file.write_text("rpc_url = 5\n")
    with pytest.raises(UsageError, match="rpc_url is 5, and has to be text in quotes"):
        config.load(environ=environ(file))


def test_a_file_that_is_not_toml_is_refused(file: Path) -> None:
    file.parent.mkdir()
    file.write_text("rpc_url: x\n")
    with pytest.raises(UsageError, match="is not TOML"):
        config.load(environ=environ(file))


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotAllowed, match="cannot be read"):
        config.load(environ=environ(tmp_path))


def test_an_unknown_name_is_not_written(file: Path) -> None:
    with pytest.raises(UsageError, match="there is no setting `colour`"):
        config.write_value(file, "colour", "red")
    assert not file.exists()


def test_an_empty_value_is_not_written(file: Path) -> None:
    with pytest.raises(UsageError, match=r"wallet .* is empty"):
        config.write_value(file, "wallet", " ")
    assert not file.exists()
