"""A service on another machine's address: mTLS and TLS, tokens of every kind, tenants apart, pulls and waits over TLS, receipts."""

import contextlib
import datetime
import json
import os
import signal
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

from house import ROOT, House, check, pulled_records, until

sys.path.insert(0, str(ROOT / "client" / "python" / "src"))
PROMPTS = 40
LIFE_SECONDS = 40  # of the token that expires while it is used


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def certificates(folder):
    """A CA of our own, the service's certificate and a client's; and a CA that signed nothing here."""
    folder.mkdir()
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    for ca in ("ca", "strange"):
        openssl("req", "-x509", *curve, "-days", 2, "-subj", f"/CN={ca}", "-keyout", folder / f"{ca}.key", "-out", folder / f"{ca}.pem")
    for name, names in (("server", "DNS:localhost,IP:127.0.0.1"), ("client", "DNS:client")):
        (folder / "names").write_text(f"subjectAltName={names}\n")
        openssl("req", *curve, "-subj", f"/CN={name}", "-keyout", folder / f"{name}.key", "-out", folder / "request")
        openssl("x509", "-req", "-days", 2, "-in", folder / "request", "-CA", folder / "ca.pem", "-CAkey", folder / "ca.key",
                "-CAcreateserial", "-extfile", folder / "names", "-out", folder / f"{name}.pem")
    return folder


class Guarded:
    """A service behind tokens, and what each of them may."""

    def __init__(self, house):
        self.house, self.pem = house, certificates(house.path("pem"))
        self.tokens, self.entries = {}, []
        for name, role, tenant in (("root", "admin", ""), ("sue", "submitter", "maths"), ("ann", "trainer", "maths"),
                                   ("vic", "viewer", "maths"), ("oz", "operator", "maths"), ("pat", "submitter,trainer", "poems")):
            self.make_token(name, role, tenant)
        moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=LIFE_SECONDS)
        self.make_token("tim", "trainer", "maths", moment.strftime("%Y-%m-%dT%H:%M:%SZ"))
        self.tokens["nobody"] = "hvt_" + "A" * 43
        self.expiry = time.monotonic() + LIFE_SECONDS + 1

    def make_token(self, name, role, tenant, expires_on=None):
        flags = ["--tenant", tenant] if tenant else []
        flags += ["--expires-on", expires_on] if expires_on else []
        made = subprocess.run([self.house.binary("harvestctl"), "--json", "tokens", "new", "--name", name, "--role", role, *flags],
                              capture_output=True, text=True, check=True)
        entry = json.loads(made.stdout)
        self.tokens[name] = entry.pop("token")
        self.entries.append({field: value for field, value in entry.items() if value})

    def environment(self, name, certificate=True):
        pem = {"HARVEST_CA": self.pem / "ca.pem"}
        if certificate:
            pem |= {"HARVEST_CERT": self.pem / "client.pem", "HARVEST_KEY": self.pem / "client.key"}
        return {**{key: str(path) for key, path in pem.items()}, **({"HARVEST_TOKEN": self.tokens[name]} if name else {})}

    def ctl(self, name, *arguments, certificate=True):
        clean = {key: value for key, value in os.environ.items() if not key.startswith("HARVEST_")}
        return subprocess.run([self.house.binary("harvestctl"), "--server", self.service.address, "--json", *map(str, arguments)],
                              capture_output=True, text=True, timeout=120, env={**clean, **self.environment(name, certificate)})

    def refused(self, name, code, words, *arguments, **more):
        done = self.ctl(name, *arguments, **more)
        check(done.returncode == code and words in done.stderr, f"{name or 'without a token'}, {' '.join(map(str, arguments[:2]))}: "
              f"exit code {done.returncode}, {done.stderr.strip()[:160]}")

    def get(self, path, name=None, ca="ca.pem"):
        request = urllib.request.Request(f"https://localhost:{self.http_port}{path}")
        if name:
            request.add_header("Authorization", f"Bearer {self.tokens[name]}")
        try:
            with urllib.request.urlopen(request, timeout=60, context=ssl.create_default_context(cafile=self.pem / ca)) as reply:
                return reply.status, reply.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def start(self, teacher):
        self.service = self.house.service(teachers=[teacher.entry("t")])
        grpc_port, self.http_port = (self.service.config[face]["listen"].split(":")[1] for face in ("grpc", "http"))
        self.service.config["grpc"]["listen"], self.service.config["http"]["listen"] = f"0.0.0.0:{grpc_port}", f"0.0.0.0:{self.http_port}"
        self.service.write_config()
        done = self.service.check()
        check(done.returncode == 2 and all(word in done.stderr for word in (
            "grpc.listen", "http.listen", "client_ca: FILE", "missing: http.tls", "tokens")),
            f"in the clear others' addresses are refused: {done.stderr.strip()}")
        pem = {"certificate": str(self.pem / "server.pem"), "key": str(self.pem / "server.key")}
        self.service.config["grpc"]["tls"] = {**pem, "client_ca": str(self.pem / "ca.pem")}
        self.service.config["http"]["tls"] = {**pem, "key": str(self.pem / "client.key")}
        self.service.config["tokens"] = [{**entry, "sha256": "0"} if entry["name"] == "ann" else entry for entry in self.entries]
        self.service.write_config()
        done = self.service.check()
        check(done.returncode == 2 and "tokens[2].sha256" in done.stderr and ":1:" in done.stderr,
              f"a token's mistake is named with its line: {done.stderr.strip()}")
        self.service.config["tokens"] = self.entries
        self.service.write_config()
        self.service.launch()
        check(self.service.process.popen.wait(30) == 2 and self.service.process.said("the private key of the certificate"),
              "a key that is another certificate's is named at the start")
        self.service.config["http"]["tls"] = pem
        self.service.write_config()
        os.environ.update(self.environment("root"))  # wait_up asks as the admin
        self.service.start()


def the_gate(house):
    house.refused(None, 7, "found no token", "jobs", "list")
    house.refused("nobody", 7, "not known", "jobs", "list")
    house.refused("vic", 7, "expected one of submitter, admin", "submit", "--teacher", "t", "--purpose", "training", "--dataset", "sums",
                  house.house.prompts(1, name="one.jsonl"))
    house.refused("ann", 7, "expected one of operator, admin", "halt")
    house.refused("root", 6, "no harvestd answers", "jobs", "list", certificate=False)
    check(house.ctl("vic", "jobs", "list").returncode == 0, "a viewer sees the jobs")
    check(json.loads(house.ctl("vic", "status").stdout)["principal"] == "vic", "the status says who one is")
    check(house.get("/livez")[0] == house.get("/readyz")[0] == 200, "probes need no token")
    check([house.get("/metrics", name)[0] for name in (None, "nobody", "vic")] == [401, 401, 200], "metrics are a viewer's")
    with contextlib.suppress(urllib.error.URLError):
        house.get("/livez", ca="strange.pem")
        check(False, "who trusts another CA does not talk to it")


def harvest(house, count, name):
    done = house.ctl("sue", "submit", "--teacher", "t", "--purpose", "training", "--dataset", "sums", "--watch",
                     house.house.prompts(count, name + " {0}?", f"{name}.jsonl"))
    check(done.returncode == 0, f"a submitter submits: {done.stderr.strip()[:200]}")
    return json.loads(done.stdout.splitlines()[-1])["record"]


def tenants(house, job):
    check((job["principal"], job["tenant"]) == ("sue", "maths"), "a job bears its submitter and tenant")
    house.refused("pat", 5, "there is no job", "jobs", "show", job["id"])
    house.refused("pat", 5, "there is no dataset", "datasets", "show", "sums")
    house.refused("pat", 7, "another tenant's", "submit", "--teacher", "t", "--purpose", "training", "--dataset", "sums",
                  house.house.prompts(1, name="other.jsonl"))
    check(json.loads(house.ctl("pat", "jobs", "list").stdout)["jobs"] == [], "another tenant sees no job of it")
    check(json.loads(house.ctl("pat", "datasets", "list").stdout)["datasets"] == [], "and no dataset")
    check(json.loads(house.get("/v1/datasets", "pat")[1])["datasets"] == [], "over HTTP neither")
    check(house.get("/v1/datasets/sums/manifest.json", "pat")[0] == 404, "whatever it asks for")
    check(len(json.loads(house.ctl("root", "jobs", "list").stdout)["jobs"]) == 1, "an admin sees all")
    check(house.ctl("oz", "jobs", "pause", job["id"]).returncode == 7, "an operator may try to pause what has ended")


def pulls(house):
    out = house.house.path("pulled")
    done = house.ctl("ann", "datasets", "pull", "sums", "--out", out)
    check(done.returncode == 0, f"a trainer pulls over TLS: {done.stderr.strip()}")
    check(len(list(pulled_records(out))) == PROMPTS, "every pair is there")
    house.refused("vic", 7, "found HTTP status 403", "datasets", "pull", "sums", "--out", house.house.path("viewed"))
    house.refused("pat", 5, "there is no dataset", "datasets", "pull", "sums", "--out", house.house.path("stolen"))
    from harvest_client import Access, FetchFailed, HarvestDataset

    def read(token, cache):
        access = Access(token=house.tokens[token], ca=str(house.pem / "ca.pem"))
        return list(HarvestDataset(f"https://localhost:{house.http_port}", dataset="sums", cache=house.house.path(cache), access=access))

    check(len(read("ann", "cache")) == PROMPTS, "Python reads it too")
    for token in ("vic", "nobody"):
        try:
            read(token, f"cache-{token}")
            check(False, f"{token} reads nothing")
        except FetchFailed as failed:
            check(house.tokens[token] not in str(failed), f"Python is told why not: {failed}")


def waits(house):
    """Version 2 comes while two wait for it: one at a URL, one following."""
    done = {}
    began = time.monotonic()

    def wait():
        done["status"], body = house.get("/v1/datasets/sums/manifest.json?after=1&wait=40", "ann")
        done["version"], done["seconds"] = json.loads(body)["version"], time.monotonic() - began

    waiter = threading.Thread(target=wait)
    waiter.start()
    followed = house.house.path("followed")
    follower = subprocess.Popen([house.house.binary("harvestctl"), "--server", house.service.address, "--json", "datasets", "pull",
                                 "sums", "--follow", "--out", str(followed)], env={**os.environ, **house.environment("ann")},
                                stdout=subprocess.PIPE, text=True)
    check(json.loads(follower.stdout.readline())["version"] == 1, "a follower has the first version")
    check(house.get("/v1/datasets/sums/manifest.json?after=1", "ann")[0] == 204, "without a wait there is nothing new")
    harvest(house, 5, "more")
    check(house.ctl("sue", "datasets", "publish", "sums").returncode == 0, "a submitter publishes again")
    published = time.monotonic()
    waiter.join()
    check((done["status"], done["version"]) == (200, 2) and done["seconds"] < published - began + 2,
          f"the wait ended with the publication, after {done['seconds']:.1f} s")
    check(json.loads(follower.stdout.readline())["version"] == 2 and time.monotonic() - published < 5, "and the follower has it too")
    follower.send_signal(signal.SIGINT)
    check(follower.wait(10) == 130, "which ends when it is told to, in the middle of its wait")


def receipts(house):
    lines = [json.loads(line) for line in house.ctl("oz", "datasets", "receipts", "sums").stdout.splitlines()]
    shards = [line for line in lines if line["shard"]]
    check({line["principal"] for line in shards} == {"ann"}, f"{len(shards)} shards went out, all of them to the trainer")
    check(all(line["tenant"] == "maths" and line["whole"] and line["bytes"] > 0 for line in shards), "whole, and told with their size")
    check(any(line["version"] == 1 and not line["shard"] for line in lines), "manifests are told of with their version")
    house.refused("ann", 7, "403", "datasets", "receipts", "sums")


def expiry(house):
    until("the token expires", lambda: time.monotonic() > house.expiry, LIFE_SECONDS + 5)
    house.refused("tim", 7, "expired", "datasets", "list")
    check(house.get("/v1/datasets", "tim")[0] == 401, "over HTTP it has expired too")


def no_secret_told(house):
    secrets = [token.encode() for token in house.tokens.values()]
    house.service.stop()
    told = [path for path in house.house.directory.rglob("*")
            if path.is_file() and any(secret in path.read_bytes() for secret in secrets)]
    check(told == [], f"no token is in a log, the store or a file that was made: {told}")
    check(house.service.process.said('"event":"downloaded"'), "downloads are in the log")


def main():
    with House(__doc__) as building:
        house = Guarded(building)
        house.start(building.teacher())
        check(house.ctl("tim", "datasets", "list").returncode == 0, "a token that expires soon is good until then")
        the_gate(house)
        job = harvest(house, PROMPTS, "first")
        check(house.ctl("sue", "datasets", "publish", "sums").returncode == 0, "its submitter publishes it")
        tenants(house, job)
        pulls(house)
        waits(house)
        receipts(house)
        expiry(house)
        no_secret_told(house)


main()
