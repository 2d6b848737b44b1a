"""A server, the endpoint with its functions, and executions on it, for as long as a measurement."""

from __future__ import annotations

import asyncio
import contextlib

from .lambda_endpoint import LambdaEndpoint


@contextlib.asynccontextmanager
async def running(make_server, make_executions):
    """Serve, and keep executions going; whatever goes wrong meanwhile is raised."""
    executions = None

    async def work(event):
        return await executions.work(event)

    endpoint = LambdaEndpoint(work)
    port = await endpoint.open()
    try:
        with make_server(port) as server:
            executions = make_executions(server)
            going = asyncio.ensure_future(executions.run())
            try:
                yield server
                if going.done():
                    going.result()
            finally:
                endpoint.close()  # first: what it works on is not to see connections vanish
                going.cancel()
                await asyncio.wait([going])
    finally:
        endpoint.close()
    if endpoint.failures:
        raise endpoint.failures[0]
