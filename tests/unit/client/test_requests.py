"""A signed request is accepted as it was signed, and in no other way."""

import pytest
from solders.keypair import Keypair

from iog_client import requests
from iog_client.errors import NotAllowed

WALLET = Keypair.from_seed(bytes([5] * 32))
NOW = 1_800_000_000.0
NONCE = "00112233445566778899aabbccddeeff"
PATH = "/v1/jobs?client=x"


def signed(body: bytes | str = b"{}", now: float = NOW) -> dict[str, str]:
    return requests.sign(WALLET, "POST", PATH, body, now, NONCE)


def test_a_signed_request_names_its_key_and_nonce() -> None:
    assert requests.verify(signed(), "POST", PATH, b"{}", NOW) == requests.Signed(
        WALLET.pubkey(), NONCE
    )


def test_the_signed_bytes_are_six_lines() -> None:
    body = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    message = f"iog-request-v1\nPOST\n{PATH}\n{body}\n1800000000\n{NONCE}"
    assert signed()["X-IOG-Signature"] == str(WALLET.sign_message(message.encode()))


def test_a_body_may_be_given_by_its_hash_at_either_end() -> None:
    by_hash = signed(requests.body_hash(b"{}"))
    assert by_hash == signed()
    assert requests.verify(by_hash, "POST", PATH, requests.body_hash(b"{}"), NOW).nonce == NONCE


def test_header_names_are_read_in_any_case() -> None:
    lower = {name.lower(): value for name, value in signed().items()}
    assert requests.verify(lower, "post", PATH, b"{}", NOW).key == WALLET.pubkey()


def test_two_requests_have_two_nonces() -> None:
    first, second = (requests.sign(WALLET, "GET", "/", b"", NOW) for _ in range(2))
    assert first["X-IOG-Nonce"] != second["X-IOG-Nonce"]


@pytest.mark.parametrize("off", [-60, 60])
def test_a_minute_off_is_accepted(off: int) -> None:
    assert requests.verify(signed(), "POST", PATH, b"{}", NOW + off)


@pytest.mark.parametrize("off", [-61, 61, 86_400])
def test_more_than_a_minute_off_is_refused(off: int) -> None:
    with pytest.raises(NotAllowed, match=f"{abs(off)} s off the server's clock; 60 s"):
        requests.verify(signed(), "POST", PATH, b"{}", NOW + off)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", PATH, b"{}"),
        ("POST", "/v1/jobs?client=y", b"{}"),
        ("POST", PATH, b"{} "),
        ("POST", PATH, b""),
    ],
)
def test_another_request_is_not_covered(method: str, path: str, body: bytes) -> None:
    with pytest.raises(NotAllowed, match="not over this request"):
        requests.verify(signed(), method, path, body, NOW)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("X-IOG-Key", str(Keypair.from_seed(bytes(32)).pubkey()), "not over this request"),
        ("X-IOG-Key", "not a key", "not base58"),
        ("X-IOG-Signature", "0", "not base58"),
        ("X-IOG-Time", "1800000001", "not over this request"),
        ("X-IOG-Time", "1e9", "not a unix time"),
        ("X-IOG-Time", "-5", "not a unix time"),
        ("X-IOG-Time", "9" * 400, "not a unix time"),
        ("X-IOG-Nonce", "00", "16 bytes in lowercase hex"),
        ("X-IOG-Nonce", NONCE.upper(), "16 bytes in lowercase hex"),
        ("X-IOG-Nonce", "", "X-IOG-Nonce is missing"),
    ],
)
def test_a_header_that_was_changed_is_refused(name: str, value: str, message: str) -> None:
    with pytest.raises(NotAllowed, match=message):
        requests.verify({**signed(), name: value}, "POST", PATH, b"{}", NOW)


@pytest.mark.parametrize("name", list(signed()))
def test_a_request_that_lacks_a_header_is_not_signed(name: str) -> None:
    headers = signed()
    del headers[name]
    with pytest.raises(NotAllowed, match=f"not signed: {name} is missing"):
        requests.verify(headers, "POST", PATH, b"{}", NOW)
