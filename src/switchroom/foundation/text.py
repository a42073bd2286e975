"""Texts of strangers, made fit for journals, databases, terminals and other people's phones."""


def readable(text: str, most: int) -> str:
    """``text`` as valid Unicode without control characters, at most ``most`` characters.

    Messages keep bytes that are no UTF-8 as lone surrogates, so that they can be sent on exactly;
    nothing else can write those. Old phones mean Latin-1 by them.
    """
    text = text[:most]
    if text.isascii() and text.isprintable():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-8", "surrogateescape").decode("latin-1")
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:most]


def kept_text(text: str) -> str:
    """``text`` so that JSON can hold it and ``text_again`` gives it back byte for byte."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("latin-1")


def text_again(text: str) -> str:
    """What ``kept_text`` was given."""
    return text if text.isascii() else text.encode("latin-1").decode("utf-8", "surrogateescape")
