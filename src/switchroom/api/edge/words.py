"""What is wrong with a field, in the words of whoever filled it in: those of the YAML files."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel

from switchroom.foundation.fields import did_you_mean, path_of
from switchroom.foundation.text import readable

BODY = "body"
"The field that stands for the whole body."
_LONGEST_NAME = 200
_WORDS = {
    "missing": "is required",
    "literal_error": "must be {expected}",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length} entries",
    "too_long": "must have at most {max_length} entries",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than_equal": "must be at most {le:g}",
    **dict.fromkeys(("bool_type", "bool_parsing"), "must be true or false"),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "must be a whole number"),
    **dict.fromkeys(("float_type", "float_parsing", "finite_number"), "must be a number"),
    "int_parsing_size": "must be a smaller number",
    "string_type": "must be text",
    "list_type": "must be a list",
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), "must be an object"),
}
"By pydantic's kind of error; whatever is not here keeps pydantic's words."


def field_of(error: Mapping[str, Any]) -> str:
    """The field that one of pydantic's errors is about; what it stood in is left out."""
    where: Sequence[str | int] = error["loc"]
    if error["type"] == "json_invalid":
        return BODY  # the rest is an offset
    if len(where) > 1 and where[0] in {"body", "query", "path", "header"}:
        where = where[1:]
    return shown_name(path_of(where))


def shown_name(name: str) -> str:
    """A name that somebody has made up, fit to be told to him; JSON can spell what UTF-8 cannot."""
    return readable(name.encode("utf-8", "replace").decode(), _LONGEST_NAME)


def text_of(error: Mapping[str, Any], sent: Any, body: Any) -> str:
    """What is wrong with it.

    Args:
        error: One of pydantic's, with FastAPI's ``loc``.
        sent: What was sent; of what is not JSON its text.
        body: The type of the operation's body; ``None``: it has none.
    """
    known: Mapping[str, Any] = error.get("ctx", {})
    match kind := error["type"]:
        case "extra_forbidden":
            return _no_such_field(error["loc"], body)
        case "json_invalid":
            return f"is not JSON: {known['error']} ({_place(str(sent), error['loc'][-1])})"
        case "string_too_short" | "too_short" if known["min_length"] == 1:
            return "must not be empty"
    words = _WORDS.get(kind)
    return str(error["msg"]) if words is None else words.format_map(known)


def _place(text: str, offset: int) -> str:
    line = text.count("\n", 0, offset) + 1
    column = offset - (text.rfind("\n", 0, offset) + 1) + 1
    return f"line {line}, column {column}"


def _no_such_field(location: Sequence[str | int], body: Any) -> str:
    """A field that others may have cannot be changed here; else what there is."""
    name = str(location[-1])
    part = _part_at(location[1:-1], body)
    if part is None:
        return "there is no such field"
    if name in getattr(part, "unchangeable", ()):
        return "cannot be changed"
    hint = did_you_mean(name, part.model_fields)
    return f"there is no such field{hint}; there are {', '.join(part.model_fields)}"


def _part_at(location: Sequence[str | int], body: Any) -> type[BaseModel] | None:
    part = _part_in(body)
    for step in location:
        if isinstance(step, str):
            if part is None or step not in part.model_fields:
                return None
            part = _part_in(part.model_fields[step].annotation)
    return part


def _part_in(annotation: Any) -> type[BaseModel] | None:
    """The form of the objects that a field holds; ``None`` if it holds none."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_part_in, get_args(annotation))), None)
