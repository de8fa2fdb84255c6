"""A small HTTP client that keeps its connections and times every answer."""

import asyncio
import time
from dataclasses import dataclass, field


@dataclass
class Load:
    """Answers of one run: seconds each took, and how long all of them took together."""

    seconds: list[float] = field(default_factory=list)
    elapsed: float = 0.0
    bad: list[str] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return len(self.seconds) / self.elapsed

    def percentile(self, share: float) -> float:
        """Milliseconds within which `share` of the answers came."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def request(path: str, body: bytes | None, token: str = "") -> bytes:
    """The bytes of one request; a body makes it a POST."""
    lines = [f"{'POST' if body is not None else 'GET'} {path} HTTP/1.1", "Host: localhost"]
    lines += [f"Authorization: Bearer {token}"] if token else []
    lines += ["Content-Type: application/json", f"Content-Length: {len(body or b'')}", "", ""]
    return "\r\n".join(lines).encode() + (body or b"")


def run_load(port: int, per_client: list[list[bytes]], *, expect: bytes = b"") -> Load:
    """Sends each client's requests in order over one connection, all clients at once.

    An answer that is not a 200, or lacks `expect`, is kept in `bad` (a few of them).
    """
    load = Load()

    async def work(requests: list[bytes]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for one in requests:
            start = time.perf_counter()
            writer.write(one)
            answer = await _answer(reader)
            load.seconds.append(time.perf_counter() - start)
            if not answer.startswith(b"HTTP/1.1 200") or expect not in answer:
                load.bad.append(answer[:600].decode(errors="replace"))
        writer.close()

    async def work_all() -> None:
        start = time.perf_counter()
        await asyncio.gather(*(work(requests) for requests in per_client))
        load.elapsed = time.perf_counter() - start

    asyncio.run(work_all())
    return load


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    return head + await reader.readexactly(length)
