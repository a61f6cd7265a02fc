"""Stands between service and teacher over HTTP, and meddles with what it passes on."""

import contextlib
import http.client
import http.server
import threading

PASSED_ON = ("Content-Type", "request-id", "retry-after")


class Answer:
    def __init__(self, status, body, headers=None):
        self.status, self.body, self.headers = status, body, headers or {}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))

        def ask():
            """What the teacher answers; a meddler that never calls it keeps the request from the teacher."""
            upstream = http.client.HTTPConnection("127.0.0.1", self.server.behind)
            upstream.request(self.command, self.path, body,
                             {name: value for name, value in self.headers.items() if name != "Host"})
            reply = upstream.getresponse()
            headers = {name: reply.getheader(name) for name in PASSED_ON if reply.getheader(name)}
            answer = Answer(reply.status, reply.read(), headers)
            upstream.close()
            return answer

        with self.server.lock:
            answer = self.server.meddle(self.command, self.path.split("?")[0], ask)
        if answer is None:  # never heard
            self.close_connection = True
            return
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = do_DELETE = pass_on

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def go_between(stand_in, meddle):
    """`meddle(method, path, ask)` gives the Answer to send, or None for a connection that breaks. The port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.behind, server.meddle, server.lock = stand_in.port, meddle, threading.Lock()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
