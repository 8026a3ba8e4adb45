"""Translations of what people read, as gettext's catalogues: English text → text in another language."""

from __future__ import annotations

from pathlib import Path

from babel.messages.pofile import read_po


def catalogue_file(language: str) -> Path:
    """Return the file with the translations of a language, in gettext's format."""
    return Path(__file__).parent / f"{language}.po"


def messages_of(language: str) -> dict[str, str]:
    """Return English text → translation, empty where there is none yet."""
    path = catalogue_file(language)
    if not path.exists():
        return {}
    with path.open("rb") as file:
        return {str(one.id): str(one.string) for one in read_po(file, language) if one.id}
