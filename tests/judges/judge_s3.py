"""boto3 and moto judge `harvestctl datasets push`: moto's server checks every signature, boto3 reads the bucket back.

Between harvestctl and moto stands a go-between that counts what is sent, holds a part back for the kill, and is busy once."""

import http.client
import http.server
import json
import os
import pathlib
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "whole"))

import boto3  # noqa: E402
from house import House, check, free_ports, say, sha256, until  # noqa: E402

PART = 5 << 20
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


class GoBetween:
    """Passes requests on as they are, their signed Host included."""

    def __init__(self, target):
        self.target, self.seen, self.before = target, [], lambda method, path: None
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                early = outer.before(self.command, self.path)
                if early is None:
                    connection = http.client.HTTPConnection("127.0.0.1", outer.target, timeout=60)
                    connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                    for name, value in self.headers.items():
                        if name.lower() not in ("connection", "expect"):
                            connection.putheader(name, value)
                    connection.endheaders(body)
                    reply = connection.getresponse()
                    early = (reply.status, reply.getheaders(), reply.read())
                status, headers, answer = early
                outer.seen.append((self.command, self.path, status, len(body)))
                self.send_response(status)
                length = dict((name.lower(), value) for name, value in headers).get("content-length")
                for name, value in headers:
                    if name.lower() not in ("connection", "content-length", "transfer-encoding", "server", "date"):
                        self.send_header(name, value)
                self.send_header("Content-Length", length if self.command == "HEAD" and length else str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = pass_on

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # harvestctl was killed

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def sent(self):
        """What has been put since the last look."""
        seen, self.seen = self.seen, []
        return [request for request in seen if request[0] in ("PUT", "POST")]


class World:
    """A bucket's server that checks who signs, and hands to push with."""

    def __init__(self, house):
        self.house = house
        port = free_ports(1)[0]
        house.run([sys.executable, "-c", "from moto.server import main; main()", "-H", "127.0.0.1", "-p", port], "moto.log")
        self.moto = f"http://127.0.0.1:{port}"
        until("moto comes up", self.up, 60)
        iam = self.client("iam", "testing", "testing")
        iam.create_user(UserName="pusher")
        iam.put_user_policy(UserName="pusher", PolicyName="all", PolicyDocument=json.dumps(EVERYTHING))
        key = iam.create_access_key(UserName="pusher")["AccessKey"]
        self.keys = (key["AccessKeyId"], key["SecretAccessKey"])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("POST", "/moto-api/reset-auth", body=b"0")
        check(connection.getresponse().status == 200, "moto checks signatures from now on")
        self.s3 = self.client("s3", *self.keys)
        self.go_between = GoBetween(port)

    def up(self):
        try:
            connection = http.client.HTTPConnection(self.moto.removeprefix("http://"), timeout=5)
            connection.request("GET", "/moto-api/")
            return connection.getresponse().status == 200
        except OSError:
            return False

    def client(self, service, key, secret):
        return boto3.client(service, endpoint_url=self.moto, region_name="us-east-1", aws_access_key_id=key,
                            aws_secret_access_key=secret)

    def command(self, service, dataset, destination, *more):
        flags = {"--endpoint": self.go_between.url, "--part-bytes": PART}
        usual = [word for name, value in flags.items() if name not in more for word in (name, value)]
        return [str(word) for word in (self.house.binary("harvestctl"), "--server", service.address, "datasets", "push",
                                       dataset, destination, "--json", *usual, *more)]

    def environment(self, keys=None):
        key, secret = keys or self.keys
        env = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return {**env, "TMPDIR": str(self.house.directory), "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret}

    def push(self, *arguments, code=0, keys=None, said=""):
        """What it said under --json; where it fails, that it did so with this exit code and these words."""
        env = self.environment(keys)
        done = subprocess.run(self.command(*arguments), env=env, capture_output=True, text=True, timeout=120)
        check(done.returncode == code and said in done.stderr,
              f"push {' '.join(map(str, arguments[1:]))}: exit code {done.returncode}: {done.stderr.strip()}")
        secret = env["AWS_SECRET_ACCESS_KEY"]
        check(not secret or secret not in done.stdout + done.stderr, "the secret key is in no output")
        return json.loads(done.stdout) if code == 0 else None

    def objects(self, prefix):
        """Key → bytes, without the prefix."""
        listed = self.s3.list_objects_v2(Bucket="corpora", Prefix=prefix + "/").get("Contents", [])
        return {entry["Key"].removeprefix(prefix + "/"):
                self.s3.get_object(Bucket="corpora", Key=entry["Key"])["Body"].read() for entry in listed}


def harvest(house, service, dataset, prompts):
    job = service.ctl("submit", "--teacher", "t", "--purpose", "training", "--dataset", dataset, prompts)["record"]["id"]
    service.wait_state(job, ["FINISHED"])


def large_prompts(house, count, name):
    """Texts that no compression makes small."""
    path = house.path(name)
    path.write_text("".join(json.dumps({"prompt": f"{name} {i} {house.random.randbytes(40000).hex()}"}) + "\n"
                            for i in range(count)))
    return path


def refusals(world, service):
    world.push(service, "large", "s3://corpora/large", "--view", "plain", code=5, said="NoSuchBucket")
    world.s3.create_bucket(Bucket="corpora")
    world.push(service, "large", "s3://corpora/large", "--view", "plain", code=7, said="SignatureDoesNotMatch",
               keys=(world.keys[0], "wrong" + world.keys[1][5:]))
    world.push(service, "large", "s3://corpora/large", "--view", "plain", code=7, said="InvalidAccessKeyId",
               keys=("AKIAUNKNOWNUNKNOWN00", world.keys[1]))
    world.push(service, "large", "s3://corpora/large", code=2, said="AWS_SECRET_ACCESS_KEY", keys=(world.keys[0], ""))
    world.push(service, "large", "s3://corpora/a//b", code=2, said="s3://BUCKET/PREFIX")
    world.push(service, "large", "s3://corpora/large", "--endpoint", "http://192.0.2.1", code=7, said="https")
    world.push(service, "large", "s3://corpora/large", "--part-bytes", 1000, code=2, said="5242880")
    world.push(service, "nothing", "s3://corpora/large", code=5)
    check(world.objects("large") == {}, "nothing was put by any of these")


def killed_and_resumed(world, service, house):
    held = threading.Event()

    def hold(method, path):
        if method == "PUT" and "partNumber=3" in path and not held.is_set():
            held.set()
            threading.Event().wait(600)

    world.go_between.before = hold
    pushing = house.run(["env", *[f"{name}={value}" for name, value in world.environment().items()
                                  if name.startswith(("AWS_", "TMPDIR"))],
                         *world.command(service, "large", "s3://corpora/large", "--view", "plain")], "killed.log")
    check(held.wait(60), "the third part is on its way")
    pushing.kill()
    world.go_between.before = lambda method, path: None
    check(world.objects("large") == {}, "kill -9 in the middle: no object is there, and no manifest")
    world.go_between.sent()
    report = world.push(service, "large", "s3://corpora/large", "--view", "plain")
    sent = world.go_between.sent()
    parts = [request for request in sent if "partNumber=" in request[1]]
    check(report["parts_kept"] == 2 and not any("uploads=" in path for _, path, *_ in sent),
          f"the next push goes on with the two parts that were there: {len(parts)} more were sent")
    check(report["bytes_sent"] == report["bytes"] - 2 * PART == sum(size for *_, size in parts), "and not a byte twice")
    check([path.split("/")[-1] for _, path, *_ in sent][-2:] == ["1.json", "manifest.json"], "the manifest came last")
    return report


def read_back(world, house, prefix, name):
    out = house.path(name)
    for key, body in world.objects(prefix).items():
        path = out / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    manifest = json.loads((out / "manifest.json").read_text())
    for shard in manifest["shards"]:
        check(sha256((out / "shards" / shard["path"]).read_bytes()) == shard["sha256"], f"{shard['path']}: the same bytes")
    verified = subprocess.run([str(house.binary("harvestctl")), "datasets", "verify", str(out)], capture_output=True)
    check(verified.returncode == 0, "what boto3 read from the bucket verifies as a pulled directory does")
    return out, manifest


def versions(world, service, house):
    harvest(house, service, "large", large_prompts(house, 10, "more.jsonl"))
    service.ctl("datasets", "publish", "large", "--view", "plain")
    busy = iter([True])
    world.go_between.before = lambda method, path: (
        (503, [], b"<Error><Code>SlowDown</Code><Message>later</Message></Error>")
        if "shards/" in path and next(busy, False) else None)
    report = world.push(service, "large", "s3://corpora/large", "--view", "plain")
    world.go_between.before = lambda method, path: None
    check(report["version"] == 2 and report["kept"] == 1 and report["shards"] == 2,
          "version 2: the shard of version 1 is kept; a bucket that was busy once was asked again")
    world.push(service, "large", "s3://corpora/large", "--view", "plain", "--version", 1, code=7,
               said="on which version 1 does not follow")
    check(json.loads(world.objects("large")["manifest.json"])["version"] == 2, "an older version replaces no newer one")
    world.push(service, "small", "s3://corpora/large", code=7, said="found the dataset large")


def races(world, service):
    key, first = "raced/manifest.json", {}

    def quicker(method, path):
        if method == "PUT" and path.endswith("/" + key) and not first:
            first.update(put=True)
            world.s3.put_object(Bucket="corpora", Key=key, Body=world.objects("large")["manifest.json"])

    world.go_between.before = quicker
    world.push(service, "large", "s3://corpora/raced", "--view", "plain", "--version", 1, code=7, said="PreconditionFailed")
    world.go_between.before = lambda method, path: None
    check(json.loads(world.objects("raced")["manifest.json"])["version"] == 2,
          "whoever pushes version 2 meanwhile is not overwritten by version 1")


def from_folder(world, service, house):
    pulled = house.path("pulled")
    service.ctl("datasets", "pull", "small", "--out", pulled)
    shard = next((pulled / "shards").glob("*.gz"))
    good = shard.read_bytes()
    shard.write_bytes(good[:-1] + b"x")
    world.push(service, "small", "s3://corpora/small", "--from", pulled, code=8, said="expected the")
    check(world.objects("small") == {}, "of a damaged file nothing was put")
    shard.write_bytes(good)
    world.s3.put_object(Bucket="corpora", Key=f"small/shards/{shard.name}", Body=b"something else")
    world.push(service, "small", "s3://corpora/small", "--from", pulled, code=7, said="nothing is overwritten")
    world.s3.delete_object(Bucket="corpora", Key=f"small/shards/{shard.name}")
    service.stop()
    report = world.push(service, "small", "s3://corpora/small", "--from", pulled)
    check(report["shards"] > 0 and report["manifest_sent"], "from a folder no daemon is needed")
    read_back(world, house, "small", "small-again")


def main():
    with House(__doc__.splitlines()[0]) as house:
        world = World(house)
        service = house.service(teachers=[house.teacher("--latency-ms", 1).entry("t")]).start()
        harvest(house, service, "large", large_prompts(house, 200, "large.jsonl"))
        service.ctl("datasets", "publish", "large", "--view", "plain", "--format", "jsonl")
        harvest(house, service, "small", house.prompts(20))
        service.ctl("datasets", "publish", "small")
        say("harvested and published")
        refusals(world, service)
        report = killed_and_resumed(world, service, house)
        _, manifest = read_back(world, house, "large", "large-again")
        check(report["rows"] == manifest["rows"] == 200 and len(manifest["shards"]) == report["shards"] == 1, "all of it")
        world.go_between.sent()
        again = world.push(service, "large", "s3://corpora/large", "--view", "plain")
        check(again["bytes_sent"] == 0 and again["kept"] == 1 and not again["manifest_sent"] and not world.go_between.sent(),
              "a second push puts nothing")
        versions(world, service, house)
        races(world, service)
        from_folder(world, service, house)


if __name__ == "__main__":
    main()
