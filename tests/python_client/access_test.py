"""What lets a reader in: where its token may go, and that it is told nowhere else."""

import http.server
import pickle
import tempfile
import threading
import unittest
from pathlib import Path

from harvest_client import Access, FetchFailed
from harvest_client.download import get

TOKEN = "hvt_of-a-test"


class Guarded:
    """A page for whoever has the token."""

    def __enter__(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                given = self.headers.get("Authorization")
                self.send_response(200 if given == f"Bearer {TOKEN}" else 401 if given is None else 403)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/page"
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class AccessTest(unittest.TestCase):
    def test_a_token_opens_the_page_and_none_or_another_does_not(self):
        with Guarded() as page:
            self.assertEqual(get(page.url, Access(token=TOKEN)), b"ok")
            for access, status in ((Access(), "401"), (Access(token="hvt_another"), "403")):
                with self.assertRaises(FetchFailed) as failed:
                    get(page.url, access)
                self.assertIn(f"status {status}", str(failed.exception))
                self.assertNotIn("hvt_another", str(failed.exception))

    def test_a_token_goes_to_no_other_machine_in_the_clear(self):
        access = Access(token=TOKEN)
        for url in ("http://harvest.example:7071/x", "http://127.evil.example/x", "http://10.0.0.1/x"):
            with self.assertRaises(FetchFailed) as failed:
                access.headers(url)
            self.assertNotIn(TOKEN, str(failed.exception))
        self.assertEqual(access.headers("https://harvest.example/x"), {"Authorization": f"Bearer {TOKEN}"})
        self.assertEqual(access.headers("http://[::1]:7071/x"), {"Authorization": f"Bearer {TOKEN}"})
        self.assertEqual(Access().headers("http://harvest.example/x"), {})

    def test_it_comes_from_the_environment_and_goes_to_programs_through_it(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "token"
            file.write_text(TOKEN + "\n")
            access = Access.of_environment({"HARVEST_TOKEN_FILE": str(file), "HARVEST_CA": "ca.pem"})
        self.assertEqual(access, Access(token=TOKEN, ca="ca.pem"))
        self.assertEqual(access.environment(), {"HARVEST_TOKEN": TOKEN, "HARVEST_CA": "ca.pem"})
        self.assertEqual(Access.of_environment({}), Access())

    def test_it_goes_to_workers_and_shows_no_token(self):
        access = Access(token=TOKEN, ca="ca.pem")
        self.assertEqual(pickle.loads(pickle.dumps(access)), access)
        self.assertNotIn(TOKEN, repr(access))


if __name__ == "__main__":
    unittest.main()
