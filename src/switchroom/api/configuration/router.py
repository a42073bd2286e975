"""The router of one kind of thing: list, get, create, update, delete, and its own verbs."""

from collections.abc import Callable
from typing import Annotated, Any, cast

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from switchroom.api.access import CurrentActor, CurrentPorts, Visible, needs
from switchroom.api.configuration.answers import IfMatch, changed, if_match, shown
from switchroom.api.configuration.spec import Action, RoutesSpec
from switchroom.api.paging import List, Paging, listed
from switchroom.api.ports import ConfigurationResources, Ports
from switchroom.directory.change import Wish
from switchroom.directory.listing import Record
from switchroom.identity.model import Actor

SecretBody = dict[str, Any]


def configuration_router(spec: RoutesSpec) -> APIRouter:
    """All routes of ``spec``, under ``/v1/<noun>``."""
    router = APIRouter(prefix=f"/v1/{spec.noun}", tags=[spec.noun])
    _add_list(router, spec)
    if spec.create is not None:
        _add_create(router, spec, spec.create)
    _add_get(router, spec)
    if spec.update is not None:
        _add_update(router, spec, spec.update)
    _add_delete(router, spec)
    for action in spec.actions:
        _add_action(router, spec, action)
    return router


def _add_list(router: APIRouter, spec: RoutesSpec) -> None:
    @needs(spec.permission("list"))
    def list_things(
        paging: Paging, filters: BaseModel, actor: CurrentActor, ports: CurrentPorts
    ) -> Any:
        return listed(ports.resources[spec.noun], actor.compiled, paging, filters, spec.sorts)

    _typed(list_things, filters=Annotated[spec.filters, Query()])
    router.get(
        "",
        name=f"list_{spec.noun}",
        response_model=List[spec.read],  # type: ignore[name-defined]
        summary=f"List {spec.words.many}",
        description=f"All {spec.words.many} that you may both list and get, page by page.",
    )(list_things)


def _add_get(router: APIRouter, spec: RoutesSpec) -> None:
    @needs(spec.permission("get"), row=spec.noun)
    async def get_thing(id: str, row: Annotated[Record, Visible], response: Response) -> Any:  # noqa: ARG001 - in the path
        return shown(spec.read, row, response)

    router.get(
        "/{id}",
        name=f"get_{spec.words.name}",
        response_model=spec.read,
        summary=f"Get {spec.words.one}",
    )(get_thing)


def _add_create(router: APIRouter, spec: RoutesSpec, model: type[BaseModel]) -> None:
    permission = spec.permission("create")

    @needs(permission)
    def create_thing(
        body: BaseModel, by: CurrentActor, ports: CurrentPorts, response: Response
    ) -> Any:
        wish = Wish(permission, "create", values=body.model_dump(mode="json"))
        record = _change(spec, ports, by, wish)
        response.headers["Location"] = f"/v1/{spec.noun}/{record.id}"
        return shown(spec.read, record, response)

    _typed(create_thing, body=model)
    router.post(
        "",
        name=f"create_{spec.words.name}",
        status_code=201,
        response_model=spec.read,
        summary=f"Create {spec.words.one}",
    )(create_thing)


def _add_update(router: APIRouter, spec: RoutesSpec, model: type[BaseModel]) -> None:
    permission = spec.permission("update")

    @needs(permission, row=spec.noun)
    def update_thing(
        id: str,
        body: BaseModel,
        by: CurrentActor,
        ports: CurrentPorts,
        response: Response,
        version: IfMatch = None,
    ) -> Any:
        values = body.model_dump(mode="json", exclude_unset=True)
        wish = Wish(permission, "update", id, values, if_match(version))
        return shown(spec.read, _change(spec, ports, by, wish), response)

    _typed(update_thing, body=model)
    router.patch(
        "/{id}",
        name=f"update_{spec.words.name}",
        response_model=spec.read,
        summary=f"Change {spec.words.one}",
        description="What the body leaves out stays as it is. Calls obey when the answer is there.",
    )(update_thing)


def _add_delete(router: APIRouter, spec: RoutesSpec) -> None:
    permission = spec.permission("delete")

    @needs(permission, row=spec.noun)
    def delete_thing(
        id: str, by: CurrentActor, ports: CurrentPorts, version: IfMatch = None
    ) -> None:
        _change(spec, ports, by, Wish(permission, "delete", id, if_version=if_match(version)))

    router.delete(
        "/{id}",
        name=f"delete_{spec.words.name}",
        status_code=204,
        summary=f"Delete {spec.words.one}",
        description="Refused with 409 while something else still needs it.",
    )(delete_thing)


def _add_action(router: APIRouter, spec: RoutesSpec, action: Action) -> None:
    permission = spec.permission(action.verb)

    @needs(permission, row=spec.noun, keeps_answer=False)
    def act(
        id: str,
        body: BaseModel,
        by: CurrentActor,
        ports: CurrentPorts,
        response: Response,
        version: IfMatch = None,
    ) -> Any:
        values = body.model_dump(mode="json")
        wish = Wish(permission, action.verb, id, values, if_match(version))
        return shown(spec.read, _change(spec, ports, by, wish), response)

    _typed(act, body=action.body)
    router.post(
        f"/{{id}}/{action.verb}",
        name=f"{action.verb}_of_{spec.words.name}",
        response_model=spec.read,
        summary=action.summary,
    )(act)


def _change(spec: RoutesSpec, ports: Ports, by: Actor, wish: Wish) -> Record:
    resources = cast(ConfigurationResources, ports.resources[spec.noun])
    return changed(resources.change(by, wish), wish.permission.name).record


def _typed(endpoint: Callable[..., Any], **types: Any) -> None:
    """Give parameters the types that are only known by the spec; FastAPI reads them from here."""
    endpoint.__annotations__.update(types)
