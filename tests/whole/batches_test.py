"""Batch routes of every vendor that has one: to the cent of the bill at the batch price, over crashes, expiry, failed lines, a full queue and a
deadline."""

import contextlib
import http.client
import http.server
import json
import random
import threading
import time

from house import House, check, say, scaled, until

# dialect: (path behind the stand-in's address, model, more of the teacher's YAML)
DIALECTS = {
    "openai-chat": ("/v1", "gpt-4o-mini", {"vendor": "openai"}),
    "openai-responses": ("/v1", "gpt-4o-mini", {}),
    "azure-openai": ("/openai", "deployment-1", {"api_version": "2024-10-21"}),
    "mistral": ("/v1", "mistral-small-latest", {"flags": ["--vendor", "mistral"]}),
    "anthropic-messages": ("/v1", "claude-sonnet-4-5", {}),
    "gemini": ("/v1beta", "gemini-2.5-flash", {}),
}
HALF = {"route": "batch", "input_usd_per_mtok": "0.5", "cached_input_usd_per_mtok": "0.5", "output_usd_per_mtok": "5"}


def entry(stand_in, name, dialect, batch=None, **options):
    path, model, more = DIALECTS[dialect]
    more = {key: value for key, value in more.items() if key != "flags"}
    return stand_in.entry(name, dialect=dialect, model=model, endpoint=f"http://127.0.0.1:{stand_in.port}{path}",
                          prices={"input_usd_per_mtok": "1", "cached_input_usd_per_mtok": "1", "output_usd_per_mtok": "10",
                                  "special": [HALF]},
                          batch={"poll_seconds": 1, "gather_seconds": 1, **(batch or {})}, **more, **options)


def flags_of(dialect):
    return DIALECTS[dialect][2].get("flags", [])


def submit(service, name, prompts, *flags):
    return service.ctl("submit", "--teacher", name, "--purpose", "evaluation", "--dataset", name, *flags, prompts)["record"]["id"]


def finished(service, job, seconds=90):
    return service.wait_state(job, ["FINISHED", "PAUSED"], seconds)["record"]


def check_bill(stand_in, record, name):
    spent, billed = int(record["counters"]["spent_picodollars"]), stand_in.ledger().picodollars
    check(spent == billed, f"{name}: what it cost, ${spent / 1e12:.6f}, is what the teacher bills, ${billed / 1e12:.6f}")


def batches_of(stand_in):
    with open(stand_in.ledger_path) as lines:
        return [entry for entry in map(json.loads, lines) if entry["event"] == "batch"]


def all_dialects(house):
    say("every vendor's batches, several each")
    stand_ins, entries = {}, []
    for dialect in DIALECTS:
        stand_ins[dialect] = house.teacher("--batch-seconds", 2, *flags_of(dialect))
        entries.append(entry(stand_ins[dialect], dialect, dialect, {"members_max": 20}))
    service = house.service(teachers=entries).start()
    jobs = {dialect: submit(service, dialect, house.prompts(50, text=f"{dialect}: tell me of the number {{0}}."), "--route", "batch")
            for dialect in DIALECTS}
    for dialect, job in jobs.items():
        record = finished(service, job)
        counters = record["counters"]
        check(counters["answered"] == "50" and counters["attempts"] == "50",
              f"{dialect}: {counters['answered']} answers from {counters['attempts']} attempts {record['reason']}")
        check_bill(stand_ins[dialect], record, dialect)
        check(len(batches_of(stand_ins[dialect])) == 3, f"{dialect}: three batches of at most twenty")
        check(not stand_ins[dialect].ledger().doubles(), f"{dialect}: nothing is asked twice")
    check(service.stop() == 0, "it stops in order")


def crashes(house):
    for dialect in ("openai-chat", "anthropic-messages"):
        say(f"{dialect}: kill -9 at random moments of gathering, handing in, waiting and taking over")
        count = scaled(400, 100)
        stand_in = house.teacher("--batch-seconds", 2, "--latency-ms", 20, *flags_of(dialect))
        name = f"crash-{dialect}"
        service = house.service(teachers=[entry(stand_in, name, dialect, {"members_max": 60})]).start()
        job = submit(service, name, house.prompts(count, text=f"{name}: tell me of the number {{0}}."), "--route", "batch")
        for _ in range(scaled(12, 4)):
            time.sleep(random.uniform(0.05, 1.5))
            service.kill()
            service.start()
            if service.ctl("halt", "--lift") and service.job(job)["record"]["state"] == "FINISHED":
                break
        record = finished(service, job, 120)
        check(record["counters"]["answered"] == str(count), f"every prompt has its answer {record['reason']}")
        check(record["counters"]["at_risk_picodollars"] == "0", "nothing is at risk")
        ledger = stand_in.ledger()
        check(not ledger.doubles(), "no batch was made twice, and none was lost")
        check_bill(stand_in, record, name)
        check(service.stop() == 0, "it stops in order")


class Forgetful(http.server.BaseHTTPRequestHandler):
    """Stands between service and teacher, and swallows each second answer to the creation of a batch."""

    protocol_version = "HTTP/1.1"
    behind, created = 0, 0

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        upstream = http.client.HTTPConnection("127.0.0.1", self.behind)
        upstream.request(self.command, self.path, body, {name: value for name, value in self.headers.items() if name != "Host"})
        reply = upstream.getresponse()
        told = reply.read()
        upstream.close()
        if self.command == "POST" and self.path.split("?")[0].endswith(("/batches", "/batch/jobs", ":batchGenerateContent")):
            type(self).created += 1
            if self.created % 2 == 1:
                self.close_connection = True
                return
        self.send_response(reply.status)
        self.send_header("Content-Length", str(len(told)))
        for name in ("Content-Type", "request-id"):
            if reply.getheader(name):
                self.send_header(name, reply.getheader(name))
        self.end_headers()
        self.wfile.write(told)

    do_GET = do_POST = pass_on

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def forgetful(stand_in):
    handler = type("Handler", (Forgetful,), {"behind": stand_in.port})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1], handler
    finally:
        server.shutdown()
        server.server_close()


def lost_answers(house):
    say("the answer to a batch's creation is lost: it is found again, not made again")
    for dialect in DIALECTS:
        stand_in = house.teacher("--batch-seconds", 1, *flags_of(dialect))
        with forgetful(stand_in) as (port, handler):
            name = f"lost-{dialect}"
            path = DIALECTS[dialect][0]
            teacher = {**entry(stand_in, name, dialect, {"members_max": 10}), "endpoint": f"http://127.0.0.1:{port}{path}"}
            service = house.service(teachers=[teacher]).start()
            job = submit(service, name, house.prompts(30, text=f"{name}: tell me of the number {{0}}."), "--route", "batch")
            record = finished(service, job, 60)
            check(record["counters"]["answered"] == "30", f"{dialect}: every prompt has its answer {record['reason']}")
            check(handler.created == 3 and len(batches_of(stand_in)) == 3, f"{dialect}: {handler.created} batches were created, 2 of them unheard")
            check(not stand_in.ledger().doubles(), f"{dialect}: none is made twice")
            check_bill(stand_in, record, dialect)
            check(service.stop() == 0, "it stops in order")


def troubles(house):
    say("failed lines, batches that expire, a queue that is full")
    stand_in = house.teacher("--batch-seconds", 1, "--batch-expire-rate", 0.5, "--batch-failed-lines-rate", 0.1)
    full = house.teacher("--batch-seconds", 2, "--batch-enqueued-tokens", 900)
    service = house.service(teachers=[entry(stand_in, "troubled", "openai-chat", {"members_max": 25}),
                                      entry(full, "full", "anthropic-messages", {"members_max": 20})]).start()
    jobs = {name: submit(service, name, house.prompts(60, text=f"{name}: tell me of the number {{0}}."), "--route", "batch")
            for name in ("troubled", "full")}
    for name, stand in (("troubled", stand_in), ("full", full)):
        record = finished(service, jobs[name], 150)
        check(record["counters"]["answered"] == "60", f"{name}: every prompt has its answer all the same {record['reason']}")
        check_bill(stand, record, name)
        check(not stand.ledger().doubles(), f"{name}: and only one")
    check(service.stop() == 0, "it stops in order")


def samples(house):
    say("several samples of a prompt: in one line of a batch where the vendor has n, in lines of their own where not")
    for dialect, lines in (("openai-chat", 30), ("anthropic-messages", 90)):
        stand_in = house.teacher("--batch-seconds", 1, *flags_of(dialect))
        name = f"samples-{dialect}"
        service = house.service(teachers=[entry(stand_in, name, dialect, {"members_max": 40})]).start()
        job = submit(service, name, house.prompts(30, text=f"{name}: tell me of the number {{0}}."), "--route", "batch", "--samples", 3)
        time.sleep(random.uniform(0.5, 2.5))
        service.kill()
        service.start()
        record = finished(service, job, 60)
        check(record["counters"]["answered"] == "90", f"{dialect}: {record['counters']['answered']} pairs {record['reason']}")
        check(stand_in.ledger().requests == lines, f"{dialect}: {stand_in.ledger().requests} lines")
        check_bill(stand_in, record, dialect)
        check(service.stop() == 0, "it stops in order")


def deadline(house):
    say("auto: by batch, and what is late goes online before the deadline")
    stand_in = house.teacher("--batch-seconds", 600)
    service = house.service(teachers=[entry(stand_in, "late", "openai-chat", {"members_max": 1000})]).start()
    end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 40))
    job = submit(service, "late", house.prompts(80, text="late: tell me of the number {0}."), "--route", "auto", "--deadline", end)
    until("the batch is with the vendor", lambda: len(batches_of(stand_in)) == 1, 20)
    shown = service.job(job)
    check(int(shown["in_batches"]) == 80, f"{shown['in_batches']} queries are in batches")
    record = finished(service, job, 60)
    check(record["counters"]["answered"] == "80", f"every prompt has its answer {record['reason']}")
    check_bill(stand_in, record, "late")
    check(not stand_in.ledger().doubles(), "what the batch had answered is not asked again")
    job = submit(service, "late", house.prompts(5, text="soon: tell me of the number {0}."), "--route", "auto", "--fresh")
    check(int(until("it goes by batch without a deadline", lambda: int(service.job(job)["in_batches"]), 20)) == 5, "auto without a deadline: by batch")
    service.ctl("jobs", "cancel", job)
    until("the vendor is told", lambda: service.process.said("batch_cancelled"), 20)
    check(service.stop() == 0, "it stops in order")


def refused(service, *arguments):
    done = service.ctl_raw(*arguments)
    return done.returncode, done.stderr.strip()


def bad_input(house):
    say("what cannot be is said at once")
    stand_in = house.teacher()
    service = house.service(teachers=[stand_in.entry("vllm", profile="vllm"), entry(stand_in, "plain", "openai-chat")]).start()
    prompts = house.prompts(2)
    code, error = refused(service, "submit", "--teacher", "vllm", "--purpose", "evaluation", "--route", "batch", prompts)
    check(code != 0 and "takes no batches" in error, error)
    code, error = refused(service, "submit", "--teacher", "plain", "--purpose", "evaluation", "--route", "batch", "--ask", "spread", prompts)
    check(code != 0 and "expected ask: each" in error, error)
    check(service.stop() == 0, "it stops in order")


def main():
    for part in (all_dialects, crashes, lost_answers, samples, troubles, deadline, bad_input):
        with House(__doc__) as house:
            part(house)


main()
