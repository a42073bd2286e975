"""Lists and single things for whoever may see them."""

from msgspec.structs import replace
from sqlalchemy import Engine

from switchroom.directory.listing import Page, Record, Wanted
from switchroom.permissions.catalog import Catalog
from switchroom.permissions.compile import Compiled
from switchroom.store.database import reading
from switchroom.store.resources.repository import Repository


class ReadService:
    """Things of one kind."""

    def __init__(self, engine: Engine, catalog: Catalog, repository: Repository) -> None:
        self._engine = engine
        self._repository = repository
        noun = repository.spec.noun
        self._listed = (catalog.bit(f"{noun}:list"), catalog.bit(f"{noun}:get"))
        self._narrower = {
            catalog.bit(f"{noun}:{verb}"): Repository(replace(repository.spec, scope=scope))
            for verb, scope in repository.spec.scopes.items()
        }

    def page(self, compiled: Compiled, wanted: Wanted) -> Page:
        """One page of what the asker may both list and get."""
        with reading(self._engine) as connection:
            return self._repository.page(connection, compiled, self._listed, wanted)

    def count(self, compiled: Compiled, wanted: Wanted) -> int:
        """How many things the pages have together."""
        with reading(self._engine) as connection:
            return self._repository.count(connection, compiled, self._listed, wanted)

    def find(self, compiled: Compiled, bit: int, id: str) -> Record | None:
        """One thing as far as ``bit`` reaches."""
        repository = self._narrower.get(bit, self._repository)
        with reading(self._engine) as connection:
            return repository.find(connection, compiled, (bit,), id)
