"""Anthropic's client: messages and message batches."""

import json
import unittest

import anthropic
import simulator
from simulator import KEY, SCHEMA, Simulator

MESSAGES = [{"role": "user", "content": "Why is the sky blue?"}]
MODEL = "claude-haiku-4-5"
TOOL = {"name": "look_up", "description": "Looks up.", "input_schema": SCHEMA}


def client_of(sim, key=KEY):
    return anthropic.Anthropic(base_url=sim.url, api_key=key, max_retries=0)


class MessagesTest(unittest.TestCase):
    def setUp(self):
        self.sim = self.enterContext(Simulator("--api-key-env", "SIM_KEY", SIM_KEY=KEY))
        self.client = client_of(self.sim)

    def test_whole(self):
        message = self.client.messages.create(model=MODEL, max_tokens=500, system="Be brief.", messages=MESSAGES)
        self.assertEqual(message.stop_reason, "end_turn")
        self.assertTrue(message.content[0].text)
        self.assertGreater(message.usage.output_tokens, 0)

    def test_stream_says_the_same(self):
        wanted = {"model": MODEL, "max_tokens": 3000, "messages": MESSAGES,
                  "thinking": {"type": "enabled", "budget_tokens": 1024}}
        whole = self.client.messages.create(**wanted)
        with self.client.messages.stream(**wanted) as stream:
            final = stream.get_final_message()
        self.assertEqual([block.type for block in whole.content], ["thinking", "text"])
        self.assertEqual(final.content[0].thinking, whole.content[0].thinking)
        self.assertEqual(final.content[0].signature, whole.content[0].signature)
        self.assertEqual(final.content[1].text, whole.content[1].text)
        self.assertEqual(final.usage.output_tokens, whole.usage.output_tokens)

    def test_tool(self):
        wanted = {"model": MODEL, "max_tokens": 500, "messages": MESSAGES, "tools": [TOOL],
                  "tool_choice": {"type": "any"}}
        whole = self.client.messages.create(**wanted)
        self.assertEqual(whole.stop_reason, "tool_use")
        self.assertEqual(set(whole.content[0].input), {"name", "age"})
        with self.client.messages.stream(**wanted) as stream:
            self.assertEqual(stream.get_final_message().content[0].input, whole.content[0].input)

    def test_schema(self):
        message = self.client.messages.create(
            model=MODEL, max_tokens=500, messages=MESSAGES,
            extra_body={"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}})
        self.assertEqual(set(json.loads(message.content[0].text)), {"name", "age"})

    def test_refusal(self):
        message = self.client.messages.create(model=MODEL, max_tokens=500,
                                              messages=[{"role": "user", "content": "[sim:refuse:bio]"}])
        self.assertEqual(message.stop_reason, "refusal")

    def test_errors(self):
        with self.assertRaises(anthropic.AuthenticationError):
            client_of(self.sim, "wrong").messages.create(model=MODEL, max_tokens=9, messages=MESSAGES)
        with self.assertRaises(anthropic.BadRequestError):
            self.client.messages.create(model=MODEL, max_tokens=9, messages=MESSAGES, extra_body={"n": 2})
        with self.assertRaises(anthropic.APIStatusError) as caught:
            self.client.messages.create(model=MODEL, max_tokens=9,
                                        messages=[{"role": "user", "content": "[sim:529]"}])
        self.assertEqual(caught.exception.status_code, 529)
        with self.assertRaises(anthropic.APIStatusError):
            with self.client.messages.stream(model=MODEL, max_tokens=99,
                                             messages=[{"role": "user", "content": "[sim:error-in-200]"}]) as stream:
                stream.get_final_message()


class LimitTest(unittest.TestCase):
    def test_throttled(self):
        with Simulator("--rpm", "1", "--enforcement", "fixed-window") as sim:
            client = client_of(sim)
            raw = client.messages.with_raw_response.create(model=MODEL, max_tokens=9, messages=MESSAGES)
            self.assertEqual(raw.headers["anthropic-ratelimit-requests-remaining"], "0")
            with self.assertRaises(anthropic.RateLimitError) as caught:
                client.messages.create(model=MODEL, max_tokens=9, messages=MESSAGES)
            self.assertGreater(int(caught.exception.response.headers["retry-after"]), 0)


class BatchTest(unittest.TestCase):
    def test_batch(self):
        with Simulator() as sim:
            client = client_of(sim)
            requests = [{"custom_id": f"k-{i}",
                         "params": {"model": MODEL, "max_tokens": 200,
                                    "messages": [{"role": "user", "content": f"question {i}"}]}} for i in range(4)]
            requests[2]["params"]["messages"][0]["content"] = "[sim:500]"
            requests[3]["params"]["max_tokens"] = 0  # found out only while it is worked on
            batch = client.messages.batches.create(requests=requests)
            self.assertEqual((batch.processing_status, batch.request_counts.processing), ("in_progress", 4))
            self.assertEqual([one.id for one in client.messages.batches.list(limit=5)], [batch.id])
            batch = simulator.wait_until(
                lambda: (found := client.messages.batches.retrieve(batch.id)).processing_status == "ended" and found)
            self.assertEqual((batch.request_counts.succeeded, batch.request_counts.errored), (2, 2))
            results = {result.custom_id: result.result for result in client.messages.batches.results(batch.id)}
            self.assertEqual(results["k-2"].error.error.type, "api_error")
            self.assertEqual(results["k-3"].error.error.type, "invalid_request_error")
            online = client.messages.create(**requests[0]["params"])
            self.assertEqual(results["k-0"].message.content[0].text, online.content[0].text)
            self.assertEqual(len(sim.ledger("batch")), 1)
            self.assertEqual(sum(line.get("batch") == batch.id for line in sim.ledger("received")), 4)
            self.assertEqual(client.messages.batches.delete(batch.id).id, batch.id)

    def test_cancelled(self):
        with Simulator("--batch-seconds", "60") as sim:
            client = client_of(sim)
            batch = client.messages.batches.create(requests=[
                {"custom_id": "a", "params": {"model": MODEL, "max_tokens": 9, "messages": MESSAGES}}])
            batch = client.messages.batches.cancel(batch.id)
            results = list(client.messages.batches.results(batch.id))
            self.assertEqual(results[0].result.type, "canceled")


if __name__ == "__main__":
    simulator.main()
