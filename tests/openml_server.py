"""A server on this machine that answers as OpenML does, with the files of scikit-learn's tests."""

import gzip
import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from threading import Thread
from unittest.mock import patch

from sklearn.datasets import _openml

from active_learning.data.sources import openml

SHIPPED = files("sklearn.datasets.tests.data.openml") / "id_40945"
SHA256 = "1b49c734cb1ce0962652446b754fd764131cded9fd0c59f6c2b60af3acd605c7"
API = "/api/v1/json/data"
ADDRESSES = ("_SEARCH_NAME", "_DATA_INFO", "_DATA_FEATURES", "_DATA_QUALITIES")


def shipped(name):
    return gzip.decompress((SHIPPED / name).read_bytes())


def answers(root):
    """What is said at each path."""
    description = json.loads(shipped("api-v1-jd-40945.json.gz"))
    description["data_set_description"]["url"] = f"{root}/titanic.arff"
    found = {"data": {"dataset": [{"did": 40945, "name": "Titanic", "status": "active"}]}}
    return {
        f"{API}/40945": json.dumps(description).encode(),
        f"{API}/features/40945": shipped("api-v1-jdf-40945.json.gz"),
        f"{API}/qualities/40945": shipped("api-v1-jdq-40945.json.gz"),
        f"{API}/list/data_name/titanic/limit/2/data_version/1": json.dumps(found).encode(),
        "/titanic.arff": shipped("data-v1-dl-16826755.arff.gz"),
    }


@contextmanager
def serving(cache):
    """Let scikit-learn ask this server; gives the list of paths that were asked for."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            answer = said.get(self.path)
            self.send_response(412 if answer is None else 200)  # OpenML's way to say no
            self.end_headers()
            self.wfile.write(answer or b"{}")

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    root = f"http://127.0.0.1:{server.server_port}"
    said = answers(root)
    addresses = {
        name: getattr(_openml, name).replace("https://www.openml.org", root) for name in ADDRESSES
    }
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        with patch.multiple(_openml, **addresses), patch.object(openml, "CACHE", cache):
            yield asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
