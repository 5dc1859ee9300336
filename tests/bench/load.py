"""A load of signed webhooks over keep-alive connections, as lean as Python allows: the server is what is measured."""

from __future__ import annotations

import asyncio
import base64
import hmac
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

TOKEN = b"bench-token"


@dataclass
class Timings:
    """Seconds of each request, and of the whole run."""

    each: list[float] = field(default_factory=list)
    whole: float = 0.0

    def add(self, more: Timings) -> None:
        self.each += more.each
        self.whole += more.whole

    def per_second(self) -> float:
        return len(self.each) / self.whole

    def percentile_ms(self, percent: float) -> float:
        ordered = sorted(self.each)
        return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


class Connection:
    """One HTTP/1.1 connection that stays open."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, target: str, form: dict[str, str]) -> bytes:
        """The body of the answer. Raises RuntimeError for any status but 200."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        body = urlencode(form).encode()
        head = (
            f"POST {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"X-Twilio-Signature: {signature(self._port, target, form)}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        content = await reader.readexactly(length)
        if b" 200 " not in answer.split(b"\r\n")[0]:
            raise RuntimeError(f"{target}: {answer!r} {content[:300]!r}")
        return content

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()


def signature(port: int, target: str, form: dict[str, str]) -> str:
    signed = f"http://127.0.0.1:{port}{target}" + "".join(f"{name}{form[name]}" for name in sorted(form))
    return base64.b64encode(hmac.digest(TOKEN, signed.encode(), "sha1")).decode()


Work = Callable[[Connection], Awaitable[None]]
"""One request, chosen by whoever measures; it raises to stop its caller."""


async def closed_loop(
    port: int, callers: list[Callable[[Connection], Awaitable[None]]], requests: int
) -> Timings:
    """Each caller sends its next request when the last is answered, until `requests` are done."""
    timings, left = Timings(), [requests]

    async def one(work: Work) -> None:
        connection = Connection(port)
        while left[0] > 0:
            left[0] -= 1
            began = time.perf_counter()
            await work(connection)
            timings.each.append(time.perf_counter() - began)
        connection.close()

    began = time.perf_counter()
    await asyncio.gather(*(one(work) for work in callers))
    timings.whole = time.perf_counter() - began
    return timings


async def open_loop(
    port: int,
    callers: list[Callable[[Connection], Awaitable[None]]],
    per_second: float,
    seconds: float,
    seed: int = 1,
) -> Timings:
    """Requests arrive at random (Poisson), whether or not the server keeps up; waiting counts."""
    chance, timings = random.Random(seed), Timings()
    idle: asyncio.Queue[tuple[Work, Connection]] = asyncio.Queue()
    for work in callers:
        idle.put_nowait((work, Connection(port)))

    async def one(arrived: float) -> None:
        work, connection = await idle.get()
        await work(connection)
        timings.each.append(time.perf_counter() - arrived)
        idle.put_nowait((work, connection))

    running, began = [], time.perf_counter()
    arrival = began
    while arrival < began + seconds:
        arrival += chance.expovariate(per_second)
        await asyncio.sleep(max(0.0, arrival - time.perf_counter()))
        running.append(asyncio.create_task(one(arrival)))
    await asyncio.gather(*running)
    timings.whole = time.perf_counter() - began
    while not idle.empty():
        idle.get_nowait()[1].close()
    return timings
