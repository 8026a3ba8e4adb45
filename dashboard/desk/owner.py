"""Whose drafts these are: a token of 128 random bits that a browser keeps, and the folder that belongs to it."""

from __future__ import annotations

import hashlib
import re
import secrets
from contextlib import suppress
from pathlib import Path

import streamlit as st
from starlette.requests import cookie_parser

from profiling.files import within
from profiling.places import home

COOKIE = "breakeven-browser"
# 16 bytes in base64 without padding.
TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")


def new_token() -> str:
    """Return a new token of 128 random bits."""
    return secrets.token_urlsafe(16)


def cookie_of(header: str) -> str:
    """Return the token in a cookie header, or nothing."""
    return checked(cookie_parser(header).get(COOKIE, ""))


def kept_token() -> str:
    """Return the token that this browser keeps, or nothing where it takes no cookies."""
    return checked(st.context.cookies.get(COOKIE, ""))


def checked(token: object) -> str:
    """Return a token if it has the form of one, else nothing."""
    return token if isinstance(token, str) and TOKEN.fullmatch(token) else ""


def folder_of(token: str) -> Path:
    """Return the folder of the drafts of one browser; a name on disk does not give the token away."""
    return drafts_root() / hashlib.sha256(token.encode()).hexdigest()[:32]


def drafts_root() -> Path:
    """Return the folder of all drafts; those directly in it are of versions that knew no owners."""
    return home() / "drafts"


def adopt(folder: Path) -> None:
    """Give the drafts of versions that knew no owners to this browser: one person had the machine then, too."""
    for path in within(drafts_root(), "*.json"):
        with suppress(OSError):  # taken by another session a moment ago, or a disk that refuses: the next visit tries
            folder.mkdir(parents=True, exist_ok=True)
            if not (folder / path.name).exists():
                path.rename(folder / path.name)
