"""Mistral's client: chat completions with --vendor mistral, and batch jobs."""

import json
import unittest

import simulator
from mistralai.client import Mistral, errors
from simulator import KEY, SCHEMA, Simulator

MESSAGES = [{"role": "user", "content": "Why is the sky blue?"}]
TOOL = {"type": "function", "function": {"name": "look_up", "parameters": SCHEMA}}
MODEL = "mistral-small-latest"


def client_of(sim, key=KEY):
    return Mistral(api_key=key, server_url=sim.url)


def text_of(content):
    """Of a string or of chunks: what was said, and what was thought before."""
    if isinstance(content, str):
        return content, ""
    said = "".join(chunk.text for chunk in content if chunk.type == "text")
    return said, "".join(part.text for chunk in content if chunk.type == "thinking" for part in chunk.thinking)


class ChatTest(unittest.TestCase):
    def setUp(self):
        self.sim = self.enterContext(Simulator("--vendor", "mistral", "--strict-parameters", "--api-key-env", "SIM_KEY",
                                               "--reasoning-tokens", "20", SIM_KEY=KEY))
        self.client = client_of(self.sim)

    def test_whole_and_streamed(self):
        wanted = {"model": MODEL, "messages": MESSAGES, "random_seed": 3}
        whole = self.client.chat.complete(**wanted)
        said, thought = text_of(whole.choices[0].message.content)
        self.assertEqual(whole.choices[0].finish_reason, "stop")
        self.assertEqual(len(thought), 80)
        pieces = ["", ""]
        usage = None
        for event in self.client.chat.stream(**wanted):
            usage = event.data.usage or usage
            for i, text in enumerate(text_of(event.data.choices[0].delta.content or "")):
                pieces[i] += text
        self.assertEqual(pieces, [said, thought])
        self.assertEqual(usage.total_tokens, whole.usage.total_tokens)

    def test_tool_and_schema(self):
        answer = self.client.chat.complete(model=MODEL, messages=MESSAGES, tools=[TOOL], tool_choice="any")
        call = answer.choices[0].message.tool_calls[0]
        self.assertEqual(set(json.loads(call.function.arguments)), {"name", "age"})
        answer = self.client.chat.complete(
            model=MODEL, messages=MESSAGES,
            response_format={"type": "json_schema", "json_schema": {"name": "p", "schema": SCHEMA, "strict": True}})
        self.assertEqual(set(json.loads(text_of(answer.choices[0].message.content)[0])), {"name", "age"})

    def test_errors(self):
        with self.assertRaises(errors.SDKError) as caught:
            client_of(self.sim, "wrong").chat.complete(model=MODEL, messages=MESSAGES)
        self.assertEqual(caught.exception.status_code, 401)
        with self.assertRaises(errors.MistralError) as caught:
            self.client.chat.complete(model=MODEL, messages=MESSAGES, temperature=9)
        self.assertEqual(caught.exception.status_code, 422)


class LimitTest(unittest.TestCase):
    def test_throttled(self):
        with Simulator("--vendor", "mistral", "--rpm", "1", "--enforcement", "fixed-window") as sim:
            client = client_of(sim)
            client.chat.complete(model=MODEL, messages=MESSAGES)
            with self.assertRaises(errors.SDKError) as caught:
                client.chat.complete(model=MODEL, messages=MESSAGES, retries=None)
            self.assertEqual(caught.exception.status_code, 429)
            self.assertEqual(json.loads(caught.exception.body)["code"], "1300")


class BatchTest(unittest.TestCase):
    def judge(self, use_file):
        with Simulator("--vendor", "mistral") as sim:
            client = client_of(sim)
            # In the order in which the client writes these members: answers depend on the bytes of the messages.
            lines = [{"custom_id": f"k-{i}",
                      "body": {"messages": [{"content": text, "role": "user"}]}}
                     for i, text in enumerate(("question 0", "[sim:500]", "question 2"))]
            wanted = {"model": MODEL, "endpoint": "/v1/chat/completions", "metadata": {"token": "t-1"}}
            if use_file:
                text = "".join(json.dumps(line) + "\n" for line in lines)
                file = client.files.upload(file={"file_name": "in.jsonl", "content": text.encode()}, purpose="batch")
                job = client.batch.jobs.create(input_files=[file.id], **wanted)
            else:
                job = client.batch.jobs.create(requests=lines, **wanted)
            self.assertEqual([one.metadata for one in client.batch.jobs.list().data], [{"token": "t-1"}])
            job = simulator.wait_until(
                lambda: (found := client.batch.jobs.get(job_id=job.id)).status == "SUCCESS" and found)
            self.assertEqual((job.total_requests, job.succeeded_requests, job.failed_requests), (3, 2, 1))
            text = client.files.download(file_id=job.output_file).read().decode()
            results = {line["custom_id"]: line for line in map(json.loads, text.splitlines())}
            online = client.chat.complete(model=MODEL, messages=[{"role": "user", "content": "question 0"}])
            body = results["k-0"]["response"]["body"]
            self.assertEqual(body["choices"][0]["message"]["content"], online.choices[0].message.content)
            errors_text = client.files.download(file_id=job.error_file).read().decode()
            self.assertEqual([json.loads(line)["custom_id"] for line in errors_text.splitlines()], ["k-1"])
            self.assertEqual(len(sim.ledger("batch")), 1)

    def test_requests_in_the_body(self):
        self.judge(use_file=False)

    def test_requests_in_a_file(self):
        self.judge(use_file=True)


if __name__ == "__main__":
    simulator.main()
