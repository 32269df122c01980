"""No key of a program is missing from docs/authorities.md."""

from scripts import authorities


def test_every_address_in_a_configuration_and_every_signer_is_a_key_that_is_known() -> None:
    assert authorities.unknown() == []


def test_every_key_of_the_network_has_a_section() -> None:
    head = authorities.PAGE.read_text().partition(authorities.MARKER)[0]
    assert authorities.without_section(head) == []


def test_the_table_is_what_the_idls_say() -> None:
    assert authorities.PAGE.read_text().endswith(authorities.table())
