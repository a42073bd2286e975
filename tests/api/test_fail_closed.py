"""With the database down nobody may do anything, whatever he asks and whoever he is."""

import pytest
from sqlalchemy import text

from api.operations import operations, request_of
from fakes.two_customers import two_customers

pytestmark = pytest.mark.usefixtures("either_world")


def test_no_operation_is_carried_out_while_nobody_can_be_known() -> None:
    with two_customers() as world:
        owner = world.world.credentials("acme-owner")
        guarded = [one for one in operations(world.world.app) if not one.declared.is_public]
        with world.world.engine.begin() as connection:
            connection.execute(text("ALTER TABLE sessions RENAME TO gone"))
        try:
            answers = {
                (one.method, one.path): world.world.client.request(
                    one.method,
                    one.path.replace("{id}", "acme-mate"),
                    headers=owner,
                    **request_of(one),
                )
                for one in guarded
            }
        finally:
            with world.world.engine.begin() as connection:
                connection.execute(text("ALTER TABLE gone RENAME TO sessions"))

        assert len(answers) > 100
        assert {key: one.status_code for key, one in answers.items()} == dict.fromkeys(answers, 503)
        assert {one.json()["code"] for one in answers.values()} <= {"unavailable", "database"}
        assert world.world.ask("acme-owner", "GET", "/v1/tags").status_code == 200
