"""Reads the settings from command line, environment and TOML file, and tells which came whence."""

import os
import re
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from msgspec import Struct
from pydantic import ValidationError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from switchroom.drivers.settings import Settings
from switchroom.foundation.errors import SwitchroomError

PREFIX = "SWITCHROOM_"
CONFIG_VARIABLE = "SWITCHROOM_CONFIG"
"Names the TOML file, like ``--config``."
PLACES = (Path("switchroom.toml"), Path("/etc/switchroom/switchroom.toml"))
"Looked for in this order when no file is named."
LIMIT_FILE_BYTES = 1 << 20


class SettingsError(SwitchroomError):
    """Settings that cannot be used; one line per fault."""

    code = "settings"


class Loaded(Struct, frozen=True):
    """Settings, and for each field where its value came from."""

    settings: Settings
    origins: dict[str, str]
    "``default``, ``command line``, ``SWITCHROOM_DRAIN_S`` or ``switchroom.toml:7``."
    file: Path | None
    unknown_variables: tuple[str, ...]
    "SWITCHROOM_* that mean nothing; not refused, since container platforms invent such names."


def load_settings(config: Path | None = None, given: Mapping[str, object] | None = None) -> Loaded:
    """Read all settings; ``given`` (the command line) wins over environment, file and defaults.

    Raises:
        SettingsError: Each faulty value, with where it stands and what is allowed.
    """
    overrides = {name: value for name, value in (given or {}).items() if value is not None}
    file = _find(config)
    table, lines = _read(file)
    origins = _origins(overrides, table, file, lines)
    variables = _variables()
    # What is passed in wins over the environment, so what the environment names is left out.
    below = {name: value for name, value in table.items() if name not in variables}
    values: dict[str, Any] = {**below, **overrides}
    try:
        settings = Settings(**values)
    except ValidationError as error:
        raise SettingsError(_explain(error, origins)) from None
    if settings.registration_least_s > settings.registration_most_s:
        raise SettingsError("registration_least_s is larger than registration_most_s")
    return Loaded(settings, origins, file, _unknown_variables())


def masked(name: str, value: object) -> str:
    """The value as it may be shown: a password in a URL is hidden."""
    text = ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
    if name != "database_url" or not text:
        return text
    try:
        return make_url(text).render_as_string(hide_password=True)
    except ArgumentError:
        return "***"


def _find(config: Path | None) -> Path | None:
    named = config or (Path(text) if (text := os.environ.get(CONFIG_VARIABLE)) else None)
    if named is not None:
        if not _is_there(named):
            raise SettingsError(f"{named}: there is no such configuration file")
        return named
    return next((place for place in PLACES if _is_there(place)), None)


def _is_there(file: Path) -> bool:
    try:
        return file.is_file()
    except OSError as error:  # a directory on the way that we may not enter
        raise SettingsError(f"{file}: cannot be read: {error.strerror}") from None


def _read(file: Path | None) -> tuple[dict[str, Any], dict[str, int]]:
    """The file's table and the line of each key."""
    if file is None:
        return {}, {}
    try:
        if file.stat().st_size > LIMIT_FILE_BYTES:
            raise SettingsError(f"{file}: larger than {LIMIT_FILE_BYTES} bytes")
        text = file.read_text("utf-8")
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}: {error}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: cannot be read: {error}") from None
    lines = {
        found[1]: number
        for number, line in enumerate(text.splitlines(), 1)
        if (found := re.match(r"""\s*["'\[]?(\w+)["'\]]?\s*(?:=|$)""", line))
    }
    unknown = [_unknown_key(file, lines, key) for key in table if key not in Settings.model_fields]
    if unknown:
        raise SettingsError("\n".join(unknown))
    return table, lines


def _unknown_key(file: Path, lines: Mapping[str, int], key: str) -> str:
    place = f"{file}:{lines[key]}" if key in lines else str(file)
    near = get_close_matches(key, Settings.model_fields, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"{place}: there is no setting {key}{hint}"


def _variables() -> dict[str, str]:
    """Set variables of ours by field name, as pydantic-settings sees them: in any case."""
    return {
        name.upper().removeprefix(PREFIX).lower(): name
        for name, value in os.environ.items()
        if name.upper().startswith(PREFIX) and value
    }


def _unknown_variables() -> tuple[str, ...]:
    known = {*Settings.model_fields, CONFIG_VARIABLE.removeprefix(PREFIX).lower()}
    return tuple(sorted(name for field, name in _variables().items() if field not in known))


def _origins(
    given: Mapping[str, object],
    table: Mapping[str, object],
    file: Path | None,
    lines: Mapping[str, int],
) -> dict[str, str]:
    variables = _variables()
    origins: dict[str, str] = {}
    for name in Settings.model_fields:
        if name in given:
            origins[name] = "command line"
        elif name in variables:
            origins[name] = variables[name]
        elif name in table:
            origins[name] = f"{file}:{lines[name]}" if name in lines else str(file)
        else:
            origins[name] = "default"
    return origins


def _explain(error: ValidationError, origins: Mapping[str, str]) -> str:
    """One line per fault: where, which setting, its value, what is wrong, what it means."""
    lines: dict[str, str] = {}
    for fault in error.errors():
        name = str(fault["loc"][0])
        if name in lines:
            continue
        what = fault["msg"].removeprefix("Value error, ")
        meaning = Settings.model_fields[name].description
        value = masked(name, fault["input"])
        lines[name] = f"{origins[name]}: {name} = {value}: {what} ({meaning})"
    return "\n".join(lines.values())
