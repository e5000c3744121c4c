"""`python -m integrations.stripe.fake`: the local Stripe as a process of its own."""

from __future__ import annotations

import argparse
import asyncio
from contextlib import suppress
from pathlib import Path

import uvicorn

from integrations.stripe.fake.local import TEST_KEY, TEST_SECRET, LocalStripe
from integrations.stripe.fake.outgoing import Outgoing
from integrations.stripe.fake.web.app import App
from integrations.stripe.fake.web.delivering import Deliverer


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, help="the file that its memory is kept in; none: gone with the process")
    parser.add_argument("--clock", type=Path, help="a file that tells how many seconds its time was moved forward")
    parser.add_argument("--key", default=TEST_KEY, help="the secret key that requests must show")
    parser.add_argument("--endpoint", action="append", default=[], help="an address for webhooks; may be given several times")
    parser.add_argument("--secret", action="append", default=[], help="what webhooks are signed with; two while one is rotated")
    parser.add_argument("--seed", default="stoa", help="another one, other ids")
    asyncio.run(serve(parser.parse_args()))


async def serve(chosen: argparse.Namespace) -> None:
    """The server, and beside it the sender of webhooks."""
    base_url = f"http://{chosen.host}:{chosen.port}"
    local = LocalStripe(key=chosen.key, base_url=base_url, seed=chosen.seed, state=chosen.state, clock_file=chosen.clock)
    outgoing = Outgoing(local.store, chosen.secret or [TEST_SECRET])
    config = uvicorn.Config(App(local, outgoing), host=chosen.host, port=chosen.port, log_level="warning", server_header=False)
    deliverer = asyncio.create_task(Deliverer(local, outgoing, chosen.endpoint).run())
    await uvicorn.Server(config).serve()
    deliverer.cancel()
    with suppress(asyncio.CancelledError):
        await deliverer
    local.close()


if __name__ == "__main__":
    main()
