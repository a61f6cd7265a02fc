"""What goes wrong with batches that were handed in: results that are not to be had for a while, access taken away, a batch that fails whole, a
creation unheard where the search stumbles, an alert. Nothing paid is lost, nothing is asked twice, nothing is asked that may not be."""

import json
import time

from batch_teachers import batches_of, creates_batch, entry, submit
from go_between import Answer, go_between
from house import House, check, say, until

ERROR = {"error": {"message": "bad day", "type": "server_error", "code": None}}


def failure(status, error=None):
    return Answer(status, json.dumps(error or ERROR).encode(), {"Content-Type": "application/json"})


def is_look(method, path):
    return method == "GET" and "/batches/" in path and not path.endswith("/results")


def is_fetch(method, path):
    return method == "GET" and path.endswith(("/content", "/results"))


def prompts(house, name, count=12):
    return house.prompts(count, text=f"{name}: tell me of the number {{0}}.", name=f"{name}.jsonl")


def check_once(stand_in, service, job, name, answers="12"):
    counters = service.job(job)["record"]["counters"]
    check(counters["answered"] == answers, f"{name}: {counters['answered']} answers")
    check(counters["at_risk_picodollars"] == "0", f"{name}: nothing is at risk")
    check(len(batches_of(stand_in)) == 1 and not stand_in.ledger().doubles(), f"{name}: one batch, nothing twice")
    check(int(counters["spent_picodollars"]) == stand_in.ledger().picodollars, f"{name}: to the picodollar of the bill")


def harvest_through(house, stand_in, name, meddle, dialect="openai-chat"):
    """A job by batch with somebody between; all of it is had, once."""
    with go_between(stand_in, meddle) as port:
        service = house.service(teachers=[entry(stand_in, name, dialect, port=port)]).start()
        job = submit(service, name, prompts(house, name), "--route", "batch")
        service.wait_state(job, ["FINISHED"], 120)
        check_once(stand_in, service, job, name)
        check(service.stop() == 0, "it stops in order")


def results_out_of_reach(house):
    say("results that cannot be fetched six times, over a kill, are paid for all the same: they are had at last")
    stand_in = house.teacher("--batch-seconds", 1)
    failed = []

    def six_times(method, path, ask):
        if is_fetch(method, path) and len(failed) < 6:
            failed.append(path)
            return failure(503)
        return ask()

    with go_between(stand_in, six_times) as port:
        service = house.service(teachers=[entry(stand_in, "reach", "openai-chat", port=port)]).start()
        job = submit(service, "reach", prompts(house, "reach"), "--route", "batch")
        until("the first fetch fails", lambda: failed, 30)
        service.kill()
        service.start()
        shown = until("its batch says why it waits", lambda: (now := service.job(job)) and now.get("batches")
                      and now["batches"][0]["message"] and now, 30)
        check("its results cannot be fetched" in shown["batches"][0]["message"], shown["batches"][0]["message"])
        service.wait_state(job, ["FINISHED"], 120)
        check(len(failed) == 6, "six fetches failed")
        check_once(stand_in, service, job, "reach")
        check(service.stop() == 0, "it stops in order")


def results_gone(house):
    say("results that the vendor has deleted: what they held is at risk, and asked again")
    stand_in = house.teacher("--batch-seconds", 1)
    first = []

    def never(method, path, ask):
        if is_fetch(method, path) and first in ([], [path]):
            first[:] = [path]
            return failure(404)
        return ask()

    with go_between(stand_in, never) as port:
        service = house.service(teachers=[entry(stand_in, "gone", "openai-chat", port=port)]).start()
        job = submit(service, "gone", prompts(house, "gone"), "--route", "batch")
        counters = service.wait_state(job, ["FINISHED"], 120)["record"]["counters"]
        check(counters["answered"] == "12" and int(counters["at_risk_picodollars"]) > 0,
              f"${int(counters['at_risk_picodollars']) / 1e12:.6f} at risk, 12 answers")
        check(len(batches_of(stand_in)) == 2, "from a second batch")
        check(service.stop() == 0, "it stops in order")


def access_taken_away(house):
    say("access is taken away while a batch runs: the teacher is halted, the batch stays with its vendor, and is taken over afterwards")
    stand_in = house.teacher("--batch-seconds", 2)
    shut = []

    def shut_the_door(method, path, ask):
        if (is_look(method, path) or is_fetch(method, path)) and shut != ["open"]:
            shut[:] = ["shut"]
            return failure(401, {"error": {"message": "Incorrect API key provided.", "code": "invalid_api_key"}})
        return ask()

    with go_between(stand_in, shut_the_door) as port:
        service = house.service(teachers=[entry(stand_in, "access", "openai-chat", port=port)]).start()
        job = submit(service, "access", prompts(house, "access"), "--route", "batch")
        shown = until("its teacher is halted", lambda: (now := service.ctl("teachers", "show", "access")).get("halted") and now, 30)
        check("invalid_api_key" in shown["halt_reason"], shown["halt_reason"])
        time.sleep(3)
        check(service.job(job)["batches"][0]["state"] == "HANDED_IN", "the batch is where it was")
        shut[:] = ["open"]
        service.ctl("teachers", "resume", "access")
        if service.job(job)["record"]["state"] == "PAUSED":
            service.ctl("jobs", "resume", job)
        service.wait_state(job, ["FINISHED"], 120)
        check_once(stand_in, service, job, "access")
        check(service.stop() == 0, "it stops in order")


def failed_whole(house):
    say("a batch that its vendor fails whole is not made again and again")
    cases = {
        "model": ("model_not_found", "The provided model is not supported by the Batch API."),
        "money": ("billing_hard_limit_reached", "Billing hard limit has been reached."),
        "auto": ("model_not_found", "The provided model is not supported by the Batch API."),
    }
    for name, (code, message) in cases.items():
        stand_in = house.teacher("--batch-seconds", 600)

        def fail(method, path, ask):
            answer = ask()
            if is_look(method, path) and answer.status == 200:
                told = json.loads(answer.body)
                told.update(status="failed", errors={"object": "list", "data": [
                    {"code": code, "message": message, "param": None, "line": None}]})
                answer.body = json.dumps(told).encode()
            return answer

        with go_between(stand_in, fail) as port:
            service = house.service(teachers=[entry(stand_in, name, "openai-chat", port=port)]).start()
            job = submit(service, name, prompts(house, name), "--route", "auto" if name == "auto" else "batch")
            if name == "model":
                reason = service.wait_state(job, ["PAUSED"], 60)["record"]["reason"]
                check(code in reason, f"its job pauses: {reason}")
            elif name == "money":
                shown = until("its teacher is halted",
                              lambda: (now := service.ctl("teachers", "show", name)).get("halted") and now, 30)
                check(code in shown["halt_reason"], f"its teacher is halted: {shown['halt_reason']}")
            else:
                service.wait_state(job, ["FINISHED"], 60)
                check(service.counters(job)["answered"] == 12, "auto: what its batch could not do is asked online")
            time.sleep(3)
            check(len(batches_of(stand_in)) == 1, f"{name}: one batch was made")
            check(service.counters(job)["at_risk_picodollars"] == 0, f"{name}: nothing is at risk")
            check(service.stop() == 0, "it stops in order")


def stumbling_search(house):
    say("a creation unheard, found where the search fails at first: a fetch that fails says nothing of whose a batch is")
    stand_in = house.teacher("--batch-seconds", 1)
    created, failed = [], []

    def stumble(method, path, ask):
        if is_fetch(method, path) and len(failed) < 3:
            failed.append(path)
            return failure(500)
        answer = ask()
        if creates_batch(method, path):
            created.append(path)
            return None if len(created) == 1 else answer
        return answer

    harvest_through(house, stand_in, "search", stumble, "anthropic-messages")
    check(len(failed) == 3 and len(created) == 1, f"{len(failed)} fetches failed, {len(created)} batch was created")


def doubt_twice(house):
    say("a creation that never arrived, then one unheard that the vendor's list shows late: each is looked for anew, and one batch is made")
    stand_in = house.teacher("--batch-seconds", 1)
    created, lists = [], []

    def doubt(method, path, ask):
        if creates_batch(method, path):
            created.append(path)
            if len(created) == 2:
                ask()
            return None if len(created) <= 2 else ask()
        answer = ask()
        if method == "GET" and path.endswith("/batches") and len(created) == 2:
            lists.append(path)
            if len(lists) == 1:
                answer.body = b'{"object":"list","data":[],"has_more":false}'
        return answer

    harvest_through(house, stand_in, "doubt", doubt)
    check(len(created) == 2 and len(lists) == 2, f"{len(created)} creations, {len(lists)} looks for the second")


def prices_gone(house):
    say("prices that are gone when a batch comes back: its answers are kept, at the bound that was reserved")
    stand_in = house.teacher("--batch-seconds", 4)
    service = house.service(teachers=[entry(stand_in, "unpriced", "openai-chat")]).start()
    job = submit(service, "unpriced", prompts(house, "unpriced"), "--route", "batch")
    until("the batch is with the vendor", lambda: service.process.said("batch_handed_in"), 20)
    check(service.stop() == 0, "it stops in order")
    del service.config["teachers"][0]["prices"]
    service.write_config()
    service.start()
    until("its answers are kept", lambda: service.counters(job)["answered"] == 12, 30)
    check(service.counters(job)["spent_picodollars"] > stand_in.ledger().picodollars, "at no less than the vendor bills")
    check(service.stop() == 0, "it stops in order")


def several_endpoints(house):
    say("a teacher of several endpoints: batches and their files are where they were made")
    first, second = house.teacher("--batch-seconds", 1), house.teacher("--batch-seconds", 1)
    teacher = entry(first, "several", "openai-chat", {"members_max": 4})
    teacher["endpoints"] = [teacher.pop("endpoint"), f"http://127.0.0.1:{second.port}/v1"]
    service = house.service(teachers=[teacher]).start()
    job = submit(service, "several", prompts(house, "several"), "--route", "batch")
    service.wait_state(job, ["FINISHED"], 60)
    check(service.counters(job)["answered"] == 12 and len(batches_of(first)) == 3 and not batches_of(second), "all with the first")
    check(service.stop() == 0, "it stops in order")


def large_answers(house):
    say("a vendor that tells results with the standing, in more bytes than any answer online may have")
    stand_in = house.teacher("--batch-seconds", 1)

    def pad(method, path, ask):
        answer = ask()
        if is_look(method, path) and answer.status == 200:
            answer.body += b" " * (40 << 20)
        return answer

    harvest_through(house, stand_in, "large", pad, "gemini")


def soft_labels(house):
    say("soft labels make answers large: a batch takes fewer of them")
    stand_in = house.teacher("--batch-seconds", 1)
    service = house.service(teachers=[entry(stand_in, "labels", "openai-chat")]).start()
    lines = house.path("labels.jsonl")
    lines.write_text("".join(json.dumps({"prompt": f"labels: tell me of the number {i}.", "top_logprobs": 20}) + "\n"
                             for i in range(30)))
    job = submit(service, "labels", lines, "--route", "batch", "--max-output", 4096)
    service.wait_state(job, ["FINISHED"], 60)
    members = [batch["lines"] for batch in batches_of(stand_in)]
    check(len(members) == 2 and sum(members) == 30, f"batches of {members}")
    check(service.stop() == 0, "it stops in order")


def an_alert(house):
    say("an alert on its model has a training job's batch cancelled; what was answered is kept, the rest is not asked")
    stand_in = house.teacher("--batch-seconds", 600)
    online = house.teacher()
    service = house.service(teachers=[entry(stand_in, "batched", "openai-chat"), entry(online, "online", "openai-chat")]).start()
    job = submit(service, "batched", prompts(house, "alert"), "--route", "batch", purpose="training")
    until("the batch is with the vendor", lambda: len(batches_of(stand_in)) == 1, 20)
    house.path("cut.jsonl").write_text('{"prompt": "hello"}\n{"prompt": "and now [sim:401]"}\n')
    submit(service, "online", house.path("cut.jsonl"))
    until("the other teacher loses its access", lambda: service.process.said("rights_alert"), 20)
    until("the batch is cancelled", lambda: service.process.said("batch_cancelled"), 20)
    shown = service.wait_state(job, ["PAUSED"], 30)
    check("rights alert" in shown["record"]["reason"], shown["record"]["reason"])
    time.sleep(2)
    check(len(batches_of(stand_in)) == 1 and service.counters(job)["at_risk_picodollars"] == 0,
          "no other batch is made, nothing is at risk")
    check(service.stop() == 0, "it stops in order")


def main():
    for part in (results_out_of_reach, results_gone, access_taken_away, failed_whole, stumbling_search, doubt_twice, prices_gone,
                 several_endpoints, large_answers, soft_labels, an_alert):
        with House(__doc__) as house:
            part(house)


main()
