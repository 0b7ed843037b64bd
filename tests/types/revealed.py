"""What type checkers see: the type of each expression stands behind it. Nobody runs this."""

# ruff: noqa
from __future__ import annotations

from typing_extensions import reveal_type

import bridge
from camunda_rest import RestClient


def blocking(client: bridge.Client, rest: RestClient) -> None:
    reveal_type(client.get_user_task(5))  # UserTask
    reveal_type(client.search_user_tasks())  # Search[UserTask]
    reveal_type(client.search_user_tasks().first())  # UserTask | None
    reveal_type(client.search_user_tasks().count())  # Total
    reveal_type(client.get_user_task_form(5))  # Form | None
    reveal_type(client.get_process_definition_xml(5))  # str | None
    reveal_type(client.get_document("d"))  # Download
    reveal_type(client.complete_user_task(5))  # None
    reveal_type(client.get_user_task(5).due_date)  # datetime | None
    reveal_type(rest.list_history_backups())  # tuple[HistoryBackupInfo, ...]


async def awaited(client: bridge.AsyncClient) -> None:
    reveal_type(await client.get_user_task(5))  # UserTask
    reveal_type(client.search_user_tasks())  # AsyncSearch[UserTask]
    reveal_type(await client.get_document("d"))  # AsyncDownload
