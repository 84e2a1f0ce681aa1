"""A server for a folder, at the path at which it will be published."""

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from tests.site import checks


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder below the path at which it will be published, and keeps no log."""

    def __init__(self, *arguments, home, **options):
        self.home = home
        super().__init__(*arguments, **options)

    def translate_path(self, path):
        return super().translate_path("/" + path.removeprefix(self.home))

    def log_message(self, *_):
        pass


def serve(folder):
    """Serve a folder on a free port, and return the server and its address."""
    home = checks.home(folder)
    handler = partial(Handler, directory=str(folder), home=home)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_port}{home}"
