"""The form of a configuration file. Types and names only: ``directory/validate.py`` does the rest.

Every value arrives as text (see ``yaml_tree.py``) and becomes what its field is. A key with
nothing behind it counts as not given.
"""

from copy import deepcopy
from typing import Any, Literal, get_args

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import ErrorDetails

from switchroom.directory.model import CallerIdChoice, NumberFormat, RingMethod
from switchroom.foundation.fields import did_you_mean, path_of
from switchroom.store.apply.fault import MOST_FAULTS, Fault, Location
from switchroom.store.apply.yaml_tree import Tree, Value

RING_TIMEOUT_S = 30.0
EXTENSION_DIALS = ("internal",)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _nothing_is_not_given(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        known = cls.model_fields
        return {key: value for key, value in given.items() if value is not None or key not in known}


class ClientPart(_Part):
    name: str


class TagPart(_Part):
    name: str
    text: str = ""


class ExtensionPart(_Part):
    number: str
    password: str = ""
    "Required of a file, and of a new extension."
    max_contacts: int = 5
    dial: tuple[str, ...] = EXTENSION_DIALS


class TrunkPart(_Part):
    name: str
    hosts: tuple[str, ...]
    allow_from: tuple[str, ...] = ()
    number_format: NumberFormat = "e164"
    username: str = ""
    password: str = ""
    caller_id: str = ""


class RoutePart(_Part):
    prefix: str
    trunks: tuple[str, ...]


class AddressPart(_Part):
    type: Literal["extension", "tel", "sip"]
    target: str
    enabled: bool = True
    delay_s: float = 0.0
    timeout_s: float | None = None
    caller_id: CallerIdChoice = "caller"
    confirm: bool = False


class RolePart(_Part):
    name: str
    text: str = ""
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()


class HeldRolePart(_Part):
    role: str
    scope: Literal["own", "team", "customer", "project"] = "customer"
    clients: tuple[str, ...] = ()
    not_before: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None

    @model_validator(mode="before")
    @classmethod
    def _a_name_alone(cls, given: Any) -> Any:
        return {"role": given} if isinstance(given, str) else given


class RestrictionPart(_Part):
    pattern: str
    scope: Literal["own", "team", "customer"] = "customer"
    clients: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _a_pattern_alone(cls, given: Any) -> Any:
        return {"pattern": given} if isinstance(given, str) else given


class AgentPart(_Part):
    username: str
    name: str
    number: str = ""
    ring_method: RingMethod = "ring_all"
    ring_timeout_s: float = RING_TIMEOUT_S
    capacity: int = 1
    follow_redirects: bool = False
    password: str = ""
    tags: tuple[str, ...] = ()
    roles: tuple[HeldRolePart, ...] | None = None
    restrictions: tuple[RestrictionPart, ...] | None = None
    addresses: tuple[AddressPart, ...] = ()


class GroupPart(_Part):
    name: str
    members: tuple[str, ...] = ()
    number: str = ""
    ring_method: RingMethod = "ring_all"
    ring_timeout_s: float = RING_TIMEOUT_S
    tags: tuple[str, ...] = ()


class TargetPart(_Part):
    agent: str | None = None
    group: str | None = None
    extension: str | None = None


class NumberPart(_Part):
    number: str
    client: str | None = None
    to: TargetPart
    no_answer: TargetPart | None = None


class CustomerPart(_Part):
    name: str
    domain: str
    country: str
    default: bool | None = None
    clients: tuple[ClientPart, ...] = ()
    tags: tuple[TagPart, ...] = ()
    extensions: tuple[ExtensionPart, ...] = ()
    trunks: tuple[TrunkPart, ...] = ()
    routes: tuple[RoutePart, ...] = ()
    roles: tuple[RolePart, ...] = ()
    agents: tuple[AgentPart, ...] = ()
    groups: tuple[GroupPart, ...] = ()
    numbers: tuple[NumberPart, ...] = ()


class Document(_Part):
    customers: tuple[CustomerPart, ...]


def read_document(tree: Tree) -> tuple[Document | None, list[Fault]]:
    """The file in its form, and everything in it that does not fit the form.

    There may be both: fields with a faulty value are left out then, so that what is wrong with the
    rest can be said at once too, unless there are more faults than are ever shown.
    """
    if tree.value is None:
        return None, [Fault(0, "", "the file is empty; to delete everything write customers: []")]
    if not isinstance(tree.value, dict):
        return None, [Fault(1, "", "the file must begin with customers:")]
    try:
        return Document.model_validate(tree.value), []
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
    if len(errors) > MOST_FAULTS:
        return None, _many_faults(errors, tree)
    try:
        rest = Document.model_validate(_without(tree.value, errors))
    except ValidationError:
        rest = None
    return rest, [_fault(error, tree) for error in errors]


def _without(value: Value, errors: list[ErrorDetails]) -> Value:
    """A copy without the faulty fields that hold one word; nothing refers to such a field."""
    copy = deepcopy(value)
    for error in errors:
        *way, last = error["loc"]
        parent: Any = copy
        for step in way:
            parent = parent[step]
        if isinstance(parent, dict) and isinstance(parent.get(last), str):
            del parent[last]
    return copy


def _many_faults(errors: list[ErrorDetails], tree: Tree) -> list[Fault]:
    """The first of the file say what is wrong, the rest are only counted: hints take long."""
    ordered = sorted(errors, key=lambda error: tree.line_of(error["loc"]))
    rest = (Fault(tree.line_of(one["loc"]), "", "is faulty") for one in ordered[MOST_FAULTS:])
    return [*(_fault(error, tree) for error in ordered[:MOST_FAULTS]), *rest]


def _fault(error: ErrorDetails, tree: Tree) -> Fault:
    location: Location = error["loc"]
    return Fault(tree.line_of(location), path_of(location), _text(error, location))


def _text(error: ErrorDetails, location: Location) -> str:
    match error["type"]:
        case "extra_forbidden":
            known = _fields_at(location[:-1])
            return f"there is no such field{did_you_mean(str(location[-1]), known)}"
        case "missing":
            return "is required"
        case "literal_error":
            return f"must be {error['ctx']['expected']}"
        case "string_type":
            return "must be one text, not a list or mapping"
        case "tuple_type":
            return "must be a list"
        case "model_type" | "dict_type" | "model_attributes_type":
            return "must be a mapping of fields"
        case "bool_type" | "bool_parsing":
            return "must be true or false"
        case "int_type" | "int_parsing" | "int_from_float" | "int_parsing_size":
            return "must be a whole number"
        case "float_type" | "float_parsing":
            return "must be a number"
        case _:
            return error["msg"].lower()


def _fields_at(location: Location) -> list[str]:
    """Names of the fields that the mapping at this location may have."""
    part: type[BaseModel] = Document
    for step in location:
        if isinstance(step, str):
            part = _part_in(part.model_fields[step].annotation) or part
    return list(part.model_fields)


def _part_in(annotation: Any) -> type[BaseModel] | None:
    """The form of the mappings that a field holds; ``None`` if it holds none."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_part_in, get_args(annotation))), None)
