"""Telephone numbers: what people and carriers write, to E.164 with a plus and back.

Numbers are checked by length, not by assignment: number plans change more often than we release.
Every answer is remembered in a bounded cache, because parsing costs about 50 microseconds.
"""

from functools import lru_cache
from typing import Literal

import phonenumbers
from phonenumbers import (
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberType,
    ValidationResult,
    shortnumberinfo,
)

from switchroom.directory.model import Trunk

DialClass = Literal["national", "international", "premium"]
"What a call to a telephone number may cost; extensions and agents list the ones they may dial."

CACHED_NUMBERS = 16_384
MOST_CHARACTERS = 40
"Longer text is no telephone number; nothing looks at it."
COUNTRY_CHARACTERS = 2

_SEPARATORS = str.maketrans("", "", " -./()\u00a0")


def known_country(country: str) -> bool:
    """Whether numbers can be read the way this ISO 3166 country writes them."""
    return country in phonenumbers.SUPPORTED_REGIONS


def normalise(dialled: str, country: str) -> str | None:
    """E.164 with a plus, ``None`` if it is no telephone number.

    Args:
        dialled: ``+12025550123``, ``00442071838750`` where the country dials abroad so, or a
            national number; spaces, dashes, dots and brackets are ignored.
        country: How a number without a plus is read, ISO 3166 two letters.
    """
    return _normalise(dialled, country) if _is_short(dialled, country) else None


@lru_cache(CACHED_NUMBERS)
def _normalise(dialled: str, country: str) -> str | None:
    digits = _bare(dialled)
    if digits is None:
        return None
    number = _possible(digits, country)
    if number is None and digits.startswith("00"):
        number = _possible("+" + digits[2:], country)  # dialled so by habit in 011 countries too
    return None if number is None else phonenumbers.format_number(number, PhoneNumberFormat.E164)


def from_trunk(dialled: str, trunk: Trunk, country: str) -> str | None:
    """E.164 of a number as the carrier writes it, called or calling; ``None`` if it is none."""
    bare = _bare(dialled)
    if bare is None:
        return None
    if trunk.number_format == "e164" and 8 <= len(bare) <= 16 and bare.startswith("+"):
        return bare  # as promised; every caller is another one, so no cache would help
    if trunk.number_format != "national" and bare.isdecimal() and not bare.startswith("0"):
        # Carriers that promise a plus often leave it out, so both formats are read alike.
        return normalise("+" + bare, country) or normalise(bare, country)
    return normalise(bare, country)


def format_for(trunk: Trunk, e164: str, country: str) -> str:
    """The number as this carrier wants it: ``+442071838750``, ``442071838750``, ``02071838750``.

    In ``national`` a number of another country gets the country's prefix for calls abroad.
    What is not E.164 (an emergency number) stays as it is.
    """
    is_e164 = e164.startswith("+") and _is_short(e164, country)
    if not is_e164 or trunk.number_format == "e164":
        return e164
    return e164[1:] if trunk.number_format == "without_plus" else _national(e164, country)


def dial_class(e164: str, country: str) -> DialClass:
    """What a call from ``country`` to this number is: premium rate goes before the distance."""
    # What is no number has the class that fewest may dial.
    return _dial_class(e164, country) if _is_short(e164, country) else "international"


@lru_cache(CACHED_NUMBERS)
def _dial_class(e164: str, country: str) -> DialClass:
    number = _possible(e164, country)
    if number is None:
        return "international"
    if phonenumbers.number_type(number) == PhoneNumberType.PREMIUM_RATE:
        return "premium"
    at_home = number.country_code == phonenumbers.country_code_for_region(country)
    return "national" if at_home and _same_plan(number, country) else "international"


def is_emergency(dialled: str, country: str) -> bool:
    """Whether this is one of the country's emergency numbers, exactly (911, 112, 999)."""
    return _is_short(dialled, country) and _is_emergency(dialled, country)


@lru_cache(CACHED_NUMBERS)
def _is_emergency(dialled: str, country: str) -> bool:
    digits = _bare(dialled)
    return digits is not None and shortnumberinfo.is_emergency_number(digits, country)


def _is_short(dialled: str, country: str) -> bool:
    """Whether a cache may remember this: strangers choose what is asked, and how long it is."""
    return len(dialled) <= MOST_CHARACTERS and len(country) <= COUNTRY_CHARACTERS


def _bare(dialled: str) -> str | None:
    """Without separators; ``None`` if anything but digits and one leading plus is left."""
    if len(dialled) > MOST_CHARACTERS:
        return None
    bare = dialled.translate(_SEPARATORS)
    digits = bare.removeprefix("+")
    return bare if digits.isascii() and digits.isdecimal() else None


def _possible(text: str, country: str) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    length = phonenumbers.is_possible_number_with_reason(number)
    # Without its area code a number has no E.164 form.
    return number if length == ValidationResult.IS_POSSIBLE else None


def _same_plan(number: PhoneNumber, country: str) -> bool:
    # +1 and +44 are shared: a call from the US to Jamaica is priced as one abroad.
    return phonenumbers.region_code_for_number(number) in {country, None}


@lru_cache(CACHED_NUMBERS)
def _national(e164: str, country: str) -> str:
    number = _possible(e164, country)
    if number is None:
        return e164
    # Countries with several prefixes for calls abroad, one per carrier, keep the plus.
    written = phonenumbers.format_out_of_country_calling_number(number, country)
    if number.country_code == phonenumbers.country_code_for_region(country):
        written = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    digits = "".join(filter(str.isdecimal, written))
    return "+" + digits if written.startswith("+") else digits
