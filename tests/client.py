"""A client that speaks HTTP to an application in this loop: no server, no socket, no second thread.

Litestar's own client keeps the application in a thread with a loop of its own, and stops ours while it waits for an
answer: two requests at once were never two, and every answer cost four changes of thread.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from litestar import Litestar


@asynccontextmanager
async def client_of(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    """Start an application, and stop it at the end. What it raises unawaited by a client arises in the test.

    It lives in a task of its own: pytest opens and closes a fixture in two different ones, which no timeout and no
    task group of a lifespan would bear.
    """
    started: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    leaving = asyncio.Event()

    async def live() -> None:
        try:
            async with app.lifespan():
                started.set_result(None)
                await leaving.wait()
        except BaseException as failure:
            if started.done():
                raise
            started.set_exception(failure)

    living = asyncio.create_task(live())
    await started
    # As `litestar.testing` calls: tests of addresses and of journals know this one.
    transport = httpx.ASGITransport(app, client=("testclient", 50000))  # type: ignore[arg-type]
    async with httpx.AsyncClient(
        transport=transport,
        base_url="http://testserver.local",
        headers={"user-agent": "testclient"},
        follow_redirects=True,
        timeout=None,  # noqa: S113 - nothing here waits for a network
    ) as client:
        try:
            yield client
        finally:
            leaving.set()
            await living
