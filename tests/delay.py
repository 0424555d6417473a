# SPDX-License-Identifier: MIT
"""A way to a server that takes time, as the network does: bytes arrive half a round trip later, and
a connection's first bytes another whole one, for the handshake of TCP. It can also cut its
connections."""
import asyncio
import threading


class Delay:
    """With Delay(server's port) as way: connect to way.port. rtt: seconds."""

    def __init__(self, target, rtt=0.0):
        self.target, self.rtt = target, rtt
        self.made, self.bytes = 0, 0  # connections, and bytes that clients sent
        self.cut_at = None  # cut a connection when its client has sent so many bytes
        self.open = set()

    def __enter__(self):
        ready = threading.Event()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.run, args=(ready,))
        self.thread.start()
        ready.wait()
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()

    def run(self, ready):
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(asyncio.start_server(self.serve, "127.0.0.1", 0, backlog=512))
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        self.loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self.loop)
        for task in tasks:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self.loop.close()

    def cut(self):
        """Ends every connection that is open."""
        def cut_all():
            for writer in self.open:
                writer.transport.abort()
        self.loop.call_soon_threadsafe(cut_all)

    async def serve(self, reader, writer):
        self.made += 1
        self.open.add(writer)
        try:
            near, far = await asyncio.open_connection("127.0.0.1", self.target)
            self.open.add(far)
            await asyncio.gather(self.carry(reader, far, writer, self.rtt), self.carry(near, writer))
            self.open.discard(far)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self.open.discard(writer)
            writer.transport.abort()

    async def carry(self, source, sink, client=None, first=0.0):
        """Bytes of one direction, each in its time. client: it is the client's direction."""
        queue, sent, ready = asyncio.Queue(), 0, self.loop.time() + first

        async def deliver():
            while True:
                when, data = await queue.get()
                await asyncio.sleep(when - self.loop.time())
                if not data:
                    break
                sink.write(data)
            sink.close()

        task = asyncio.ensure_future(deliver())
        while True:
            try:
                data = await source.read(65536)
            except OSError:
                data = b""
            if client is not None and data:
                sent += len(data)
                self.bytes += len(data)
                if self.cut_at is not None and sent >= self.cut_at:
                    client.transport.abort()
                    data = b""
            queue.put_nowait((max(self.loop.time(), ready) + self.rtt / 2, data))
            if not data:
                break
        await task
