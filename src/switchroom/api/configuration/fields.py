"""Fields that several kinds of things have. What a value may be is said by ``directory``."""

from copy import copy
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic_core import PydanticUndefined

LONGEST_TEXT = 255
"Characters; ``directory`` says what is too long for a name, this only keeps out absurd ones."

Id = Annotated[str, Field(min_length=1, max_length=64, examples=["k3v9x2q7b1"])]
Text = Annotated[str, Field(max_length=LONGEST_TEXT)]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
ShortNumber = Annotated[
    str,
    Field(max_length=32, description="Number inside the customer; empty: none.", examples=["201"]),
]
RingMethod = Annotated[
    Literal["ring_all", "linear"],
    Field(description="`ring_all`: everybody at once; `linear`: one after the other."),
]
RingTimeout = Annotated[
    float,
    Field(
        ge=1,
        le=600,
        allow_inf_nan=False,
        description="Seconds to ring before giving up.",
        examples=[30.0],
    ),
]
TagIds = Annotated[list[Id], Field(max_length=64, description="Teams, queues, lines of business.")]
DialClass = Literal["internal", "national", "international", "premium"]


class Model(BaseModel):
    """What is sent; unknown fields are refused, so that no typing error is silent.

    Strict, so that what the schema forbids is not taken for something else: `"yes"` is not true.
    """

    model_config = ConfigDict(extra="forbid", strict=True)
    unchangeable: ClassVar[frozenset[str]] = frozenset()
    "Fields that the thing has, and that this change cannot give another value."


_SET_BY_US = frozenset({"id", "customer_id"})


def changes_of(model: type[Model], name: str, *, without: frozenset[str] = frozenset()) -> Any:
    """The model of a change: every field of ``model`` may be left out, and then stays as it is."""
    fields: dict[str, Any] = {}
    for field, known in model.model_fields.items():
        if field not in without:
            changed = copy(known)
            changed.default = PydanticUndefined
            # A factory is no default in the schema: leaving a field out is not setting it.
            changed.default_factory = _left_out
            fields[field] = (known.annotation, changed)
    made = create_model(name, __base__=Model, **fields)
    made.unchangeable = without | _SET_BY_US
    return made


def _left_out() -> None:
    return None


class Thing(BaseModel):
    """What every thing has."""

    id: Id
    customer_id: Id


class TargetModel(Model):
    """Where calls are led."""

    kind: Literal["agent", "group", "extension"]
    id: Id
