"""``search`` and ``get`` of a kind of thing: the options, and what is shown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

import click

from camunda_cli._command import Group, pass_session
from camunda_cli._kinds import duration, pair
from camunda_cli._kinds import key as a_key
from camunda_cli._output import Column, jsonable
from camunda_cli._settings import Session
from camunda_rest._commands.arguments import snake

__all__ = ["found", "getting", "searching"]

_MOST = 50


def searching(
    to: Group,
    what: str,
    *,
    method: str,
    columns: Sequence[Column | str],
    filters: Mapping[str, str],
    query: Mapping[str, tuple[str, str]] | None = None,
) -> None:
    """Adds ``search``: ``method`` of the client, its filters as options; ``query`` are flags: (option, help)."""

    def search(
        session: Session,
        limit: int,
        sort: tuple[str, ...],
        more: tuple[str, ...],
        wait: float | None,
        **given: Any,
    ) -> None:
        asked = {name: wildcards(value) for name, value in given.items() if value not in (None, False)}
        if asked.pop("truncate_values", False):
            asked["truncate_values"] = False  # the option says the opposite: --full
        for each in more:
            name, value = pair(each, "--filter")
            asked[snake(name)] = _json(value)
        if session.tenant is not None:
            asked.setdefault("tenant_id", session.tenant)
        with session.client() as client:
            found(
                session,
                getattr(client, method)(
                    sort=list(sort) or None,
                    limit=limit + 1,
                    page_size=min(limit + 1, 1000),
                    wait=wait,
                    **asked,
                ),
                columns,
                limit,
                what,
            )

    search.__doc__ = (
        f"Search {what} (REST, clusters from 8.8).\n\nIn a text, * stands for any characters and ? for one. Searches "
        "lag a moment behind what has happened."
    )
    function: Any = pass_session(search)
    params: list[click.Parameter] = [
        click.Option([option, name], metavar=option.strip("-").upper(), help=f"{_words(name)}.")
        for name, option in filters.items()
    ]
    for name, (option, about) in (query or {}).items():
        params.append(click.Option([option, name], is_flag=True, help=about))
    params += [
        click.Option(
            ["--filter", "more"],
            multiple=True,
            metavar="NAME=VALUE",
            help="Any other filter of the operation; the value is JSON, or else text.",
        ),
        click.Option(["--sort"], multiple=True, metavar="NAME", help="By this field; -NAME is downwards."),
        click.Option(
            ["--limit"],
            type=click.IntRange(1),
            default=_MOST,
            show_default=True,
            metavar="N",
            help="How many at most.",
        ),
        click.Option(
            ["--wait"], type=duration, metavar="TIME", help="Ask again while nothing is found, so long."
        ),
    ]
    to.command(name="search", params=params)(function)


def found(session: Session, rows: Any, columns: Sequence[Column | str], limit: int, what: str) -> None:
    """Shows what a search found, and says when there is more."""
    items = list(islice(iter(rows), limit + 1))
    session.output.table(items[:limit], columns, empty=f"no {what} found")
    if len(items) > limit:
        session.output.note(f"there are more {what}: --limit is {limit}")


def getting(to: Group, what: str, method: str, about: str = "") -> None:
    """Adds ``get``: one of them by its key."""

    def get(session: Session, key: str, wait: float | None) -> None:
        with session.client() as client:
            session.output.record(getattr(client, method)(key, wait=wait))

    get.__doc__ = about or f"One {what}, by its key (REST, clusters from 8.8)."
    to.command(
        name="get",
        params=[
            click.Argument(["key"], type=a_key),
            click.Option(
                ["--wait"], type=duration, metavar="TIME", help="Ask again while it is not there, so long."
            ),
        ],
    )(pass_session(get))


def wildcards(value: Any) -> Any:
    """A text with ``*`` or ``?`` as a pattern of the search."""
    return {"$like": value} if isinstance(value, str) and any(each in value for each in "*?") else value


def _json(text: str) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        return wildcards(text)
    # Keys are text in the API, however they are written.
    return (
        text if isinstance(value, int) and not isinstance(value, bool) and len(text) > 9 else jsonable(value)
    )


def _words(name: str) -> str:
    text = name.replace("_", " ")
    return text[0].upper() + text[1:]
