"""Applying a file: what is planned, what is done, what is refused."""

from collections.abc import Iterator

import pytest

from fakes.configuration import ENVIRON, EXAMPLE, Configured, configured
from switchroom.store.configuration import read_configuration
from switchroom.store.stored import Stored

pytestmark = pytest.mark.usefixtures("either_database")

SECOND = """\
  - name: globe
    domain: globe.example
    country: GB
    extensions: [{number: "1001", password: "globe pass"}]
"""
WITH_PASSWORD = EXAMPLE.replace("number_format: e164}", "username: us, password: 'env:CARRIER'}")


@pytest.fixture
def database() -> Iterator[Configured]:
    with configured(EXAMPLE) as made:
        yield made


def stored(database: Configured) -> Stored:
    with database.engine.connect() as connection:
        return read_configuration(connection)


def test_a_customer_stands_before_all_that_is_his_and_goes_behind_it() -> None:
    with_role = SECOND + "    roles: [{name: watchers, allow: ['calls:read']}]\n"
    both = f"customers:\n{with_role}"
    with configured() as empty:
        made = empty.apply(both).lines()
        gone = empty.apply("customers: []\n").lines()
    assert made[:2] == ["+ customer globe", "+ role globe/watchers"]
    assert gone[-3:-1] == ["- role globe/watchers", "- customer globe"]


def test_the_first_apply_creates_everything() -> None:
    with configured() as empty:
        result = empty.apply(EXAMPLE)

    assert result.applied
    assert result.lines() == [
        "+ customer acme",
        "+ client acme/zeta",
        "+ extension acme/1001",
        "+ trunk acme/carrier",
        "+ route acme/+",
        "+ agent alice@acme.example",
        "+ group acme/sales",
        "+ number +12025550100",
        "8 to create, none to update, none to delete: applied",
    ]


def test_the_second_apply_changes_nothing(database: Configured) -> None:
    before = stored(database)

    result = database.apply(EXAMPLE)

    assert not result.applied
    assert result.lines() == ["nothing to change"]
    assert stored(database) == before


def test_a_dry_run_says_what_would_happen_and_does_nothing(database: Configured) -> None:
    before = stored(database)

    result = database.apply("customers: []", dry_run=True)

    assert not result.applied
    assert (
        result.lines()[-1]
        == "none to create, none to update, 8 to delete: dry run, nothing changed"
    )
    assert stored(database) == before


def test_what_the_file_does_not_have_is_deleted(database: Configured) -> None:
    result = database.apply("customers: []")

    assert [change.action for change in result.changes] == ["delete"] * 8
    assert stored(database) == Stored()


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("capacity: 1", "capacity: 3", "~ agent alice@acme.example: capacity 1 -> 3"),
        ("name: Alice", "name: Alicia", "~ agent alice@acme.example: name Alice -> Alicia"),
        ('number: "201"', "follow_redirects: yes", "number 201 -> none"),
        ('number: "201"', "follow_redirects: yes", "follow_redirects false -> true"),
        ("ring_method: ring_all}", "ring_method: linear}", "ring_method ring_all -> linear"),
        ("delay_s: 2", "delay_s: 3", "tel +12025550123 (delay_s 2)] -> [extension 1001"),
        ("5090", "5099", "~ trunk acme/carrier: hosts [127.0.0.1:5090] -> [127.0.0.1:5099]"),
        ("country: US", "country: CA", "~ customer acme: country US -> CA"),
        (", no_answer: {group: sales}", "", "no_answer group acme/sales -> none"),
        ("client: zeta, to", "to", "~ number +12025550100: client acme/zeta -> none"),
        (
            "to: {agent: alice@acme.example}",
            "to: {extension: '1001'}",
            "to agent alice@acme.example -> extension acme/1001",
        ),
        ("members: [alice@acme.example]", "members: []", "members [alice@acme.example] -> none"),
        ('"env:EXT_1001"', "plain", "password env:EXT_1001 -> set"),
        (
            "number_format: e164",
            "username: us, password: 'env:CARRIER'",
            "username none -> us, password none -> env:CARRIER",
        ),
    ],
)
def test_a_changed_field_is_shown_with_both_values(
    database: Configured, old: str, new: str, line: str
) -> None:
    assert old in EXAMPLE

    result = database.apply(EXAMPLE.replace(old, new))

    assert result.faults == ()
    assert [change.action for change in result.changes] == ["update"]
    assert line in result.lines()[0]
    assert database.apply(EXAMPLE.replace(old, new)).changes == ()


def test_things_keep_their_ids_when_they_change(database: Configured) -> None:
    before = stored(database).configuration

    database.apply(
        EXAMPLE.replace("capacity: 1", "capacity: 2").replace("delay_s: 2", "delay_s: 9")
    )

    after = stored(database).configuration
    assert after.agents[0].capacity == 2
    assert after.agents[0].id == before.agents[0].id
    assert [a.id for a in after.agents[0].addresses] == [a.id for a in before.agents[0].addresses]
    assert after.numbers == before.numbers


def test_an_address_moves_from_one_agent_to_another(database: Configured) -> None:
    tel = '          - {type: tel, target: "+12025550123", delay_s: 2}\n'
    addresses = "[{type: tel, target: +12025550123}]"
    bob = f"      - {{username: bob@acme.example, name: Bob, addresses: {addresses}}}\n"

    result = database.apply(EXAMPLE.replace(tel, bob))

    assert [(one.action, one.name) for one in result.changes] == [
        ("create", "bob@acme.example"),
        ("update", "alice@acme.example"),
    ]


def test_a_number_and_its_domain_move_to_another_customer(database: Configured) -> None:
    number = EXAMPLE[EXAMPLE.index("    numbers:") :]
    moved = "    numbers: [{number: +12025550100, to: {extension: '1001'}}]\n"
    text = EXAMPLE.replace(number, "").replace("domain: acme.example", "domain: old.example")

    result = database.apply(text + SECOND.replace("globe.example", "acme.example") + moved)

    assert result.faults == ()
    assert "~ number +12025550100: customer acme -> globe" in "\n".join(result.lines())
    assert database.apply(
        text + SECOND.replace("globe.example", "acme.example") + moved
    ).lines() == ["nothing to change"]


def test_a_changed_variable_is_an_update(database: Configured) -> None:
    result = database.apply(EXAMPLE, {"EXT_1001": "other"})

    assert result.lines()[0] == (
        "~ extension acme/1001: password env:EXT_1001 -> env:EXT_1001 (new value)"
    )


def test_a_trunks_changed_variable_is_an_update() -> None:
    with configured(WITH_PASSWORD) as database:
        assert database.apply(WITH_PASSWORD).changes == ()
        result = database.apply(WITH_PASSWORD, ENVIRON | {"CARRIER": "other"})

    assert result.lines()[0] == (
        "~ trunk acme/carrier: password env:CARRIER -> env:CARRIER (new value)"
    )


def test_a_changed_domain_changes_the_hashes(database: Configured) -> None:
    before = stored(database).configuration.extensions[0]

    database.apply(EXAMPLE.replace("domain: acme.example", "domain: new.example"))

    assert stored(database).configuration.extensions[0].ha1_md5 != before.ha1_md5


def test_no_password_shows_in_any_result() -> None:
    with configured() as database:
        results = [
            database.apply(WITH_PASSWORD),
            database.apply(WITH_PASSWORD.replace('"env:EXT_1001"', "sesame")),
            database.apply(WITH_PASSWORD, {"EXT_1001": "hush2", "CARRIER": "hush3"}),
            database.apply(EXAMPLE.replace('"env:EXT_1001"', "[sesame]")),
            database.apply(EXAMPLE.replace('"env:EXT_1001"', "sesame\\a")),
            database.apply(WITH_PASSWORD.replace("env:CARRIER", "sesame")),
        ]

    for result in results:
        assert not any(word in repr(result) for word in ("sesame", "hush", "carrier secret"))


@pytest.mark.parametrize(
    ("first", "second", "default"),
    [
        ("", "", "acme"),
        ("", "    default: true\n", "globe"),
        ("    default: false\n", "", "globe"),
        ("    default: false\n", "    default: false\n", None),
    ],
)
def test_the_first_customer_is_the_default_one_unless_said(
    first: str, second: str, default: str | None
) -> None:
    text = EXAMPLE.replace("    country: US\n", "    country: US\n" + first) + SECOND + second
    with configured(text) as database:
        customers = database.load({}).configuration.customers

    assert [customer.name for customer in customers if customer.is_default] == (
        [default] if default else []
    )


def test_numbers_are_read_as_the_customers_country_writes_them(database: Configured) -> None:
    text = EXAMPLE.replace('"+12025550123"', "(202) 555-0123").replace(
        '"+12025550100"', "202-555-0100"
    )

    assert database.apply(text).lines() == ["nothing to change"]


def test_upper_case_and_order_of_dial_classes_do_not_matter(database: Configured) -> None:
    text = EXAMPLE.replace("acme.example", "ACME.Example").replace("country: US", "country: us")
    dial = '"env:EXT_1001", dial: [national, internal]'
    first = database.apply(text.replace('"env:EXT_1001"', dial))
    again = dial.replace("national, internal", "internal, national")

    assert first.lines()[0].startswith("~ extension acme/1001: dial")
    assert database.apply(text.replace('"env:EXT_1001"', again)).lines() == ["nothing to change"]


BAD = [
    ("", "the file is empty; to delete everything write customers: []"),
    ("[]", "line 1: the file must begin with customers:"),
    ("{}", "line 1: customers: is required"),
]
REPLACED = [
    ("capacity:", "capacty:", 18, "agents[0].capacty: there is no such field (did you mean"),
    ("type: tel", "typ: tel", 22, "agents[0].addresses[2].type: is required"),
    ("type: tel", "type: fax", 22, "addresses[2].type: must be 'extension', 'tel' or 'sip'"),
    ("delay_s: 2", "delay_s: soon", 22, "addresses[2].delay_s: must be a number"),
    ("delay_s: 2", "delay_s: 121", 22, "addresses[2].delay_s: 121 is out of bounds: 0 to 120"),
    ("delay_s: 2", "confirm: true", 22, "which this version does not have"),
    ("delay_s: 2", "enabled: perhaps", 22, "addresses[2].enabled: must be true or false"),
    ("capacity: 1", "capacity: 1.5", 18, "agents[0].capacity: must be a whole number"),
    ("capacity: 1", "capacity: [1]", 18, "agents[0].capacity: must be a whole number"),
    ("ring_timeout_s: 30", "ring_timeout_s: .inf", 17, "ring_timeout_s: must be a number"),
    ("ring_timeout_s: 30", "ring_timeout_s: 1e9", 17, "1e+09 is out of bounds: 1 to 600 seconds"),
    ("name: Alice", "name: [Alice]", 14, "agents[0].name: must be one text, not a list"),
    ("name: Alice", "name:", 14, "agents[0].name: is required"),
    ("hosts: [", "hosts: x, nets: [", 9, "trunks[0].hosts: must be a list"),
    ("country: US", "country: XX", 4, "customers[0].country: 'XX' is not a country"),
    ("{group: sales}", "{group: sails}", 26, "no_answer.group: there is no group 'sails' (did"),
    ("{group: sales}", "{}", 26, "no_answer: name one agent, one group or one extension"),
    ("{group: sales}", "sales", 26, "numbers[0].no_answer: must be a mapping of fields"),
    ("client: zeta", "client: eta", 26, "numbers[0].client: there is no client 'eta' (did you"),
    ("trunks: [carrier]", "trunks: [carier]", 11, "routes[0].trunks[0]: there is no trunk 'cari"),
    ('number: "+12025550100"', "number: 911", 26, "number: '911' is not a telephone number"),
    (', password: "env:EXT_1001"', "", 7, "extensions[0].password: is required"),
    ("env:EXT_1001", "env:EXT_1002", 7, "extensions[0].password: the environment variable EXT"),
    ("number_format: e164", "password: x, username: y", 9, "write env:NAME or file:/PATH instead"),
    ("number_format: e164", "number_format: e614", 9, "must be 'e164', 'national' or 'without_p"),
    ("members: [alice", "members: [sales, alice", 24, "would contain itself: sales > sales"),
    ("members: [alice@", "members: [alise@", 24, "there is no agent 'alise@acme.example' (did"),
    ('target: "1001"', 'target: "1002"', 20, "target: there is no extension 1002"),
    ("127.0.0.1/32", "127.0.0.1/8", 9, "allow_from[0]: '127.0.0.1/8' is not a network"),
]


@pytest.mark.parametrize(("text", "fault"), BAD)
def test_a_file_that_is_no_configuration_is_refused(
    database: Configured, text: str, fault: str
) -> None:
    before = stored(database)

    result = database.apply(text)

    assert [str(one) for one in result.faults] == [fault]
    assert stored(database) == before


@pytest.mark.parametrize(("old", "new", "line", "fault"), REPLACED)
def test_faults_name_line_and_field(
    database: Configured, old: str, new: str, line: int, fault: str
) -> None:
    assert old in EXAMPLE

    result = database.apply(EXAMPLE.replace(old, new, 1))

    assert result.changes == ()
    assert not result.applied
    assert any(str(one).startswith(f"line {line}: customers[0]") for one in result.faults)
    assert any(fault in str(one) for one in result.faults)
    assert database.apply(EXAMPLE).changes == ()


def test_all_faults_are_told_at_once(database: Configured) -> None:
    text = (
        EXAMPLE.replace("capacity: 1", "capacty: 1")
        .replace("delay_s: 2", "delay_s: 300")
        .replace("country: US", "country: XX")
        .replace("{group: sales}", "{group: sails}")
    )

    result = database.apply(text)

    assert [fault.line for fault in result.faults] == [4, 18, 22, 26]


def test_too_many_faults_are_counted() -> None:
    clients = ", ".join(["{name: zeta}"] * 32)
    with configured() as database:
        result = database.apply(EXAMPLE.replace("{name: zeta}", clients))

    assert len(result.faults) == 21
    assert str(result.faults[-1]) == "and 11 more"


def test_a_number_of_another_customer_is_refused(database: Configured) -> None:
    numbers = "    numbers: [{number: '+12025550100', to: {extension: '1001'}}]\n"

    result = database.apply(EXAMPLE + SECOND + numbers)

    assert [str(fault) for fault in result.faults] == [
        "line 31: customers[1].numbers[0].number: +12025550100 is already a number of customer acme"
    ]


def test_two_customers_may_use_the_same_extension_number(database: Configured) -> None:
    assert [change.name for change in database.apply(EXAMPLE + SECOND).changes] == [
        "globe",
        "globe/1001",
    ]
