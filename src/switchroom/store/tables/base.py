"""The base class of every table, and the names that constraints get."""

from typing import ClassVar

from sqlalchemy import JSON, BigInteger, Integer, MetaData, String
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import DeclarativeBase

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

TAGS = JSON().with_variant(ARRAY(String()), "postgresql")
"A set of ids that is asked for overlaps: an array with a GIN index on PostgreSQL, JSON on SQLite."

SEQUENCE = BigInteger().with_variant(Integer, "sqlite")
"Numbers that only grow."


class Base(DeclarativeBase):
    """Tables use only what SQLite and PostgreSQL share: text, numbers, booleans, JSON, BLOBs."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar = {list[str]: JSON}
