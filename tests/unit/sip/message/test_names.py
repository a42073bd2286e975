"""Names of header fields."""

from switchroom.sip.message.names import SPELLINGS, long_name


def test_compact_names_become_long() -> None:
    assert long_name("V") == "via"
    assert long_name("k\t ") == "supported"


def test_no_name_is_empty() -> None:
    for spelling in ("", " ", " Via", "Vi a", "Via\0", "Vía"):
        assert long_name(spelling) == ""


def test_a_stranger_cannot_fill_the_memory() -> None:
    before = len(SPELLINGS)
    for number in range(5000):
        assert long_name(f"X-Flood-{number}") == f"x-flood-{number}"
    assert len(SPELLINGS) <= before + 1024
    assert SPELLINGS["Via"] == "via"
    for spelling in [name for name in SPELLINGS if name.startswith("X-Flood")]:
        del SPELLINGS[spelling]
