"""A simulator on a port of this machine, as `entrepot simulator` serves it."""

import socket
import threading

import uvicorn


class Served:
    """A simulator on a port. `on_request` runs before each request is answered."""

    def __init__(self, app, *, date_header=True):
        self.app = app
        self.on_request = lambda: None
        self.paths = []
        self.methods = set()
        listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._server = uvicorn.Server(uvicorn.Config(self, log_config=None, lifespan="off", date_header=date_header))
        self._thread = threading.Thread(target=self._server.run, args=([listener],))
        self._thread.start()

    async def __call__(self, scope, receive, send):
        self.paths.append(scope["path"])
        self.methods.add(f"{scope['method']} {scope['path']}")
        self.on_request()
        await self.app(scope, receive, send)

    def close(self):
        self._server.should_exit = True
        self._thread.join()
