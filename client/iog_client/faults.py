"""What is wrong with a file that people write, in one line: the key, the value, what is accepted.

Pydantic finds the faults; its own words name Python types that no writer of such a file knows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError

from iog_client.amounts import quoted

MAX_OTHERS = 5
_KINDS = {
    list: "a list",
    str: "a text",
    int: "a number",
    float: "a number",
    bool: "a truth value",
    type(None): "null",
}
"""JSON's kinds that are no object, in words."""


@dataclass(frozen=True, slots=True)
class Words:
    """How faults of one kind of file are worded.

    `noun` is what the file is called, `accepted` what each key takes (`section.key`, a list's own
    name for its items), `sections` the models below `model`, `later` keys to come.
    """

    noun: str
    model: type[BaseModel]
    accepted: Mapping[str, str]
    sections: Mapping[str, type[BaseModel]]
    later: frozenset[str] = field(default=frozenset())


def line(error: ValidationError, words: Words) -> str:
    """The first problem in full, and the keys of the others."""
    problems: dict[str, str] = {}
    for item in error.errors(include_url=False):
        location = tuple(part for part in item["loc"] if part != "[key]")
        if not location:
            return _whole(item, words)
        key = ".".join(map(str, location))
        problems.setdefault(key, _problem(location, item["input"], item["type"], words))
    (key, problem), *others = problems.items()
    names = [name for name, _ in others[:MAX_OTHERS]] + ["…"] * (len(others) > MAX_OTHERS)
    also = f" (also wrong: {', '.join(names)})" if others else ""
    return f"{key}: {problem}{also}"


def _whole(item: Any, words: Words) -> str:
    """What is wrong with the file as a whole."""
    accepted = f"; accepted: an object of {keys(words.model)}"
    if item["type"] == "json_invalid":
        return f"not JSON ({item['ctx']['error']}){accepted}"
    if item["type"] == "model_type":
        # what it holds is not shown: it may be a wallet's file, named by mistake
        return f"{_KINDS.get(type(item['input']), 'this')} is not {words.noun}{accepted}"
    return str(item["msg"]).removeprefix("Value error, ")


def keys(model: type[BaseModel]) -> str:
    """The keys of a section, as its file writes them."""
    return ", ".join(field.alias or name for name, field in model.model_fields.items())


def _problem(location: tuple[int | str, ...], value: object, kind: str, words: Words) -> str:
    named = [str(part) for part in location if not isinstance(part, int)]
    general = ".".join(named)
    nested = words.sections.get(named[0], words.model) if len(named) > 1 else words.model
    if general in words.later:
        return f"not supported yet; accepted: {keys(nested)}"
    if kind == "extra_forbidden":
        return f"not a key of {words.noun}; accepted: {keys(nested)}"
    known = words.accepted.get(general) or words.accepted.get(named[0], "")
    accepted = f"; accepted: {known}" if known else ""
    return f"{'missing' if kind == 'missing' else f'`{quoted(value)}` is not accepted'}{accepted}"
