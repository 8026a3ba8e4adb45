"""The address of a server under load, whether it is this computer's, and the key that it is sent.

A key stands in an environment variable that the workload names; the key itself is in no workload and no record.  It is
sent only to servers on this computer and to those that the operator lists, since a workload may be a stranger's.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from yarl import URL

from profiling.errors import Phrase, WorkloadError

# Addresses of inference servers that the operator trusts, separated by commas.
SERVERS = "BREAKEVEN_SERVERS"
EXAMPLE = "write it as http://127.0.0.1:8000/v1"
# The names that shells use for variables of the environment; keys themselves have small letters in them.
VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,79}")


def checked_url(url: str) -> str:
    """Return the base of a server's address, such as `http://127.0.0.1:8000/v1`; raise WorkloadError for any other."""
    try:
        parsed = URL(url)
    except ValueError as error:
        raise WorkloadError(
            Phrase("{url!r} is not an address ({error})", url=url, error=str(error)), todo=EXAMPLE
        ) from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise WorkloadError(Phrase("{url!r} is not the address of a server", url=url), todo=EXAMPLE)
    if parsed.user or parsed.password or parsed.query_string or parsed.fragment:
        raise WorkloadError(
            Phrase("{host}: the address may hold no password and no query", host=parsed.host), todo="records keep it"
        )
    return url.rstrip("/")


def is_loopback(host: str) -> bool:
    """Return whether a host, by name or address, is this computer and cannot be reached from another."""
    if host == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False  # another name may point anywhere, and elsewhere a second later
    mapped = getattr(address, "ipv4_mapped", None)
    return address.is_loopback or bool(mapped and mapped.is_loopback)


def is_trusted(url: str) -> bool:
    """Return whether a server is on this computer, or listed by the operator with scheme, host and port."""
    asked, listed = _origin(url), map(_origin, os.environ.get(SERVERS, "").split(","))
    return asked is not None and (is_loopback(asked.host or "") or asked in listed)


def _origin(address: str) -> URL | None:
    """Return scheme, host and port of an address; None where one of them is missing."""
    try:
        return URL(address.strip()).origin()
    except ValueError:
        return None


def key(model: Mapping[str, Any]) -> str | None:
    """Return the key in the variable that the model names; None where it names none.

    Raise WorkloadError, which never repeats the value, where the variable is not set or the server is not trusted.
    """
    name = model.get("key_variable")
    if name is None:
        return None
    if not VARIABLE.fullmatch(name):
        what = "'key_variable' does not name an environment variable"
        raise WorkloadError(what, where="model", todo="put the key in a variable, and write OPENAI_API_KEY here")
    if not is_trusted(model["url"]):
        what = Phrase(
            "the key in {name} is sent only to servers on this computer and to those that you list", name=name
        )
        raise WorkloadError(
            what, where="model", todo=Phrase("add scheme, host and port of the url to {variable}", variable=SERVERS)
        )
    value = os.environ.get(name, "").strip()
    if not value:
        raise WorkloadError(
            Phrase("the environment variable {name} is not set", name=name), where="model", todo="put the key there"
        )
    if not (value.isascii() and value.isprintable()):
        raise WorkloadError(
            Phrase("{name} holds more than one printable line", name=name), where="model", todo="put only the key there"
        )
    return value
