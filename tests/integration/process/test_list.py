"""`postdate list` on a store that a service uses."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tests.integration.process.processes import SERVE, api, free_port, running

if TYPE_CHECKING:
    from tests.integration.servers.private_server import PrivateServer

LIST = (sys.executable, "-m", "postdate.entrypoints.cli", "list")


async def test_list_prints_the_messages_of_the_service(own_server: PrivateServer) -> None:
    port, store = free_port(), ("--redis-url", own_server.url)
    async with running(*SERVE, *store, "--port", str(port), "--no-deliver"), api(port) as http:
        ids = [(await http.schedule(number, **{"in": f"{number}m"}))["id"] for number in range(1, 6)]
        async with running(*LIST, *store, "--json", "--limit", "3", "--status", "scheduled") as listing:
            assert await listing.ends() == 0
            (line,) = listing.printed
        page = line.content
        assert [item["id"] for item in page["items"]] == ids[:3]
        async with running(
            *LIST, *store, "--limit", "3", "--status", "scheduled", "--cursor", page["next"]
        ) as listing:
            assert await listing.ends() == 0
            assert [line.text.split()[0] for line in listing.printed] == ["ID", *ids[3:]]
