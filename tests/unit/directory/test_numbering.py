"""Telephone numbers as people and carriers write them."""

import tracemalloc

import pytest

from switchroom.directory.model import NumberFormat, Trunk
from switchroom.directory.numbering import (
    DialClass,
    dial_class,
    format_for,
    from_trunk,
    is_emergency,
    known_country,
    normalise,
)


def trunk(number_format: NumberFormat) -> Trunk:
    return Trunk("t", "c", "carrier", (), (), number_format)


@pytest.mark.parametrize(
    ("dialled", "country", "e164"),
    [
        ("+12025550123", "US", "+12025550123"),
        ("+1 (202) 555-0123", "DE", "+12025550123"),
        ("2025550123", "US", "+12025550123"),
        ("12025550123", "US", "+12025550123"),
        ("011442071838750", "US", "+442071838750"),
        ("00442071838750", "US", "+442071838750"),
        ("00442071838750", "DE", "+442071838750"),
        ("030 123456", "DE", "+4930123456"),
        ("+390612345678", "US", "+390612345678"),  # the zero belongs to the Italian number
    ],
)
def test_what_is_dialled_becomes_e164(dialled: str, country: str, e164: str) -> None:
    assert normalise(dialled, country) == e164


@pytest.mark.parametrize(
    "dialled",
    [
        "",
        "+",
        "++12025550123",
        "201",
        "911",
        "5550123",
        "alice",
        "tel:+12025550123",
        "+1-800-FLOWERS",
        "\u0661\u0662\u0660\u0662\u0665\u0665\u0665\u0660\u0661\u0662\u0663",
        "1" * 41,
        "+1" * 500_000,
    ],
)
def test_what_is_no_telephone_number_is_none(dialled: str) -> None:
    assert normalise(dialled, "US") is None


@pytest.mark.parametrize(
    ("number_format", "e164", "country", "written"),
    [
        ("e164", "+442071838750", "GB", "+442071838750"),
        ("without_plus", "+442071838750", "GB", "442071838750"),
        ("national", "+442071838750", "GB", "02071838750"),
        ("national", "+442071838750", "US", "011442071838750"),
        ("national", "+12025550123", "US", "2025550123"),
        ("national", "+819012345678", "KR", "+819012345678"),  # Korea has no single prefix
        ("national", "911", "US", "911"),
        ("without_plus", "911", "US", "911"),
    ],
)
def test_each_carrier_gets_its_own_format(
    number_format: NumberFormat, e164: str, country: str, written: str
) -> None:
    assert format_for(trunk(number_format), e164, country) == written


@pytest.mark.parametrize("number_format", ["e164", "national", "without_plus"])
@pytest.mark.parametrize("country", ["US", "GB", "DE", "IT", "JP", "AR"])
@pytest.mark.parametrize("e164", ["+12025550123", "+442071838750", "+390612345678"])
def test_a_number_comes_back_from_the_carrier_as_it_went(
    number_format: NumberFormat, country: str, e164: str
) -> None:
    carrier = trunk(number_format)

    assert from_trunk(format_for(carrier, e164, country), carrier, country) == e164


@pytest.mark.parametrize(
    ("number_format", "dialled", "country", "e164"),
    [
        ("e164", "12025550100", "US", "+12025550100"),
        ("e164", "4930123456", "DE", "+4930123456"),
        ("without_plus", "+4930123456", "DE", "+4930123456"),
        ("without_plus", "030123456", "DE", "+4930123456"),
        ("national", "2025550100", "US", "+12025550100"),
        ("e164", "anonymous", "US", None),
        ("e164", "", "US", None),
    ],
)
def test_carriers_are_read_with_tolerance(
    number_format: NumberFormat, dialled: str, country: str, e164: str | None
) -> None:
    assert from_trunk(dialled, trunk(number_format), country) == e164


@pytest.mark.parametrize(
    ("e164", "country", "expected"),
    [
        ("+12025550123", "US", "national"),
        ("+18765550123", "US", "international"),  # Jamaica shares +1
        ("+442071838750", "US", "international"),
        ("+442071838750", "GB", "national"),
        ("+19005550123", "US", "premium"),
        ("+449098790000", "US", "premium"),
        ("nonsense", "US", "international"),
    ],
)
def test_dial_class(e164: str, country: str, expected: DialClass) -> None:
    assert dial_class(e164, country) == expected


@pytest.mark.parametrize(
    ("dialled", "country", "expected"),
    [
        ("911", "US", True),
        ("112", "DE", True),
        ("110", "DE", True),
        ("999", "GB", True),
        ("9111", "US", False),
        ("201", "US", False),
        ("sos", "US", False),
    ],
)
def test_emergency_numbers_are_exact(dialled: str, country: str, expected: bool) -> None:
    assert is_emergency(dialled, country) is expected


def test_countries() -> None:
    assert known_country("US")
    assert not known_country("us")
    assert not known_country("XX")


def test_endless_text_is_no_number_and_is_not_remembered() -> None:
    tracemalloc.start()
    try:
        for number in range(100):
            text = "+" + str(number) * 60_000
            assert normalise(text, "US") is None
            assert normalise("2025550123", text) is None
            assert dial_class(text, "US") == "international"
            assert not is_emergency(text, "US")
            assert format_for(trunk("national"), text, "US") == text
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 1_000_000
