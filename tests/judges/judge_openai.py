"""OpenAI's client: chat completions, responses, completions, batches; the same client with Azure's paths."""

import io
import json
import unittest

import openai
import simulator
from simulator import KEY, SCHEMA, Simulator

MESSAGES = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Why is the sky blue?"}]
TOOL = {"type": "function",
        "function": {"name": "look_up", "parameters": {**SCHEMA}, "strict": True}}


def client_of(sim, key=KEY):
    return openai.OpenAI(base_url=sim.url + "/v1", api_key=key, max_retries=0)


def azure_client_of(sim, key=KEY):
    return openai.AzureOpenAI(azure_endpoint=sim.url, api_key=key, api_version="2024-10-21", max_retries=0)


def content_filter_results(choice):
    return choice.model_extra["content_filter_results"]


class ChatTest(unittest.TestCase):
    def setUp(self):
        self.sim = self.enterContext(Simulator("--api-key-env", "SIM_KEY", "--strict-parameters", SIM_KEY=KEY))
        self.client = client_of(self.sim)

    def test_whole(self):
        answer = self.client.chat.completions.create(model="m", messages=MESSAGES, n=2, seed=1, logprobs=True,
                                                     top_logprobs=2)
        self.assertEqual(len(answer.choices), 2)
        self.assertEqual(answer.choices[0].finish_reason, "stop")
        self.assertEqual(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens)
        joined = "".join(entry.token for entry in answer.choices[0].logprobs.content)
        self.assertEqual(joined, answer.choices[0].message.content)

    def test_stream_says_the_same(self):
        whole = self.client.chat.completions.create(model="m", messages=MESSAGES)
        chunks = list(self.client.chat.completions.create(model="m", messages=MESSAGES, stream=True, logprobs=True,
                                                          stream_options={"include_usage": True}))
        tokens = [entry.token for chunk in chunks if chunk.choices and chunk.choices[0].logprobs
                  for entry in chunk.choices[0].logprobs.content]
        self.assertEqual("".join(tokens), whole.choices[0].message.content)
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        self.assertEqual(text, whole.choices[0].message.content)
        self.assertEqual(chunks[-1].usage.total_tokens, whole.usage.total_tokens)

    def test_tool(self):
        answer = self.client.chat.completions.create(model="m", messages=MESSAGES, tools=[TOOL],
                                                     tool_choice="required")
        call = answer.choices[0].message.tool_calls[0]
        self.assertEqual(call.function.name, "look_up")
        self.assertEqual(set(json.loads(call.function.arguments)), {"name", "age"})

    def test_streamed_tool(self):
        with self.client.chat.completions.stream(model="m", messages=MESSAGES, tools=[TOOL],
                                                 tool_choice="required") as stream:
            final = stream.get_final_completion()
        self.assertEqual(set(json.loads(final.choices[0].message.tool_calls[0].function.arguments)), {"name", "age"})

    def test_schema(self):
        answer = self.client.chat.completions.create(
            model="m", messages=MESSAGES,
            response_format={"type": "json_schema", "json_schema": {"name": "p", "schema": SCHEMA, "strict": True}})
        self.assertEqual(set(json.loads(answer.choices[0].message.content)), {"name", "age"})

    def test_wrong_key(self):
        with self.assertRaises(openai.AuthenticationError) as caught:
            client_of(self.sim, "wrong").chat.completions.create(model="m", messages=MESSAGES)
        self.assertEqual(caught.exception.code, "invalid_api_key")

    def test_bad_request(self):
        with self.assertRaises(openai.BadRequestError) as caught:
            self.client.chat.completions.create(model="m", messages=MESSAGES, temperature=3)
        self.assertEqual(caught.exception.param, "temperature")
        with self.assertRaises(openai.BadRequestError):
            self.client.chat.completions.create(model="m", messages=MESSAGES, extra_body={"top_k": 5})

    def test_error_in_a_stream(self):
        messages = [{"role": "user", "content": "[sim:error-in-200]"}]
        with self.assertRaises(openai.APIError):
            list(self.client.chat.completions.create(model="m", messages=messages, stream=True))


class LimitTest(unittest.TestCase):
    def test_throttled(self):
        with Simulator("--rpm", "1", "--enforcement", "fixed-window") as sim:
            client = client_of(sim)
            raw = client.chat.completions.with_raw_response.create(model="m", messages=MESSAGES)
            self.assertEqual(raw.headers["x-ratelimit-limit-requests"], "1")
            with self.assertRaises(openai.RateLimitError) as caught:
                client.chat.completions.create(model="m", messages=MESSAGES)
            self.assertEqual(caught.exception.code, "rate_limit_exceeded")
            self.assertGreater(int(caught.exception.response.headers["retry-after"]), 0)

    def test_a_retry_gets_through(self):
        with Simulator() as sim:
            client = openai.OpenAI(base_url=sim.url + "/v1", api_key=KEY, max_retries=2)
            messages = [{"role": "user", "content": "[sim:503*1] x"}]
            self.assertTrue(client.chat.completions.create(model="m", messages=messages).choices)


class VendorsTest(unittest.TestCase):
    """The client that most people use with those who imitate OpenAI."""

    REASONING = {"deepseek": "reasoning_content", "groq": "reasoning", "together": "reasoning",
                 "openrouter": "reasoning", "vllm": "reasoning", "sglang": "reasoning_content",
                 "llamacpp": "reasoning_content", "tgi": None}

    def test_whole_and_streamed(self):
        for vendor, field in self.REASONING.items():
            with self.subTest(vendor), Simulator("--vendor", vendor, "--reasoning-tokens", "20") as sim:
                client = client_of(sim)
                whole = client.chat.completions.create(model="m", messages=MESSAGES)
                chunks = list(client.chat.completions.create(model="m", messages=MESSAGES, stream=True,
                                                             stream_options={"include_usage": True}))
                deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
                message = whole.choices[0].message
                self.assertEqual("".join(delta.content or "" for delta in deltas), message.content)
                self.assertEqual(chunks[-1].usage.total_tokens, whole.usage.total_tokens)
                if field:
                    thought = message.model_extra[field]
                    self.assertEqual(len(thought), 80)
                    self.assertEqual("".join(delta.model_extra.get(field) or "" for delta in deltas), thought)

    def test_limits_and_keys(self):
        for vendor in self.REASONING:
            with self.subTest(vendor), Simulator("--vendor", vendor, "--rpm", "1", "--enforcement", "fixed-window",
                                                 "--api-key-env", "SIM_KEY", SIM_KEY=KEY) as sim:
                client = client_of(sim)
                with self.assertRaises(openai.AuthenticationError):
                    client_of(sim, "wrong").chat.completions.create(model="m", messages=MESSAGES)
                client.chat.completions.create(model="m", messages=MESSAGES)
                with self.assertRaises(openai.RateLimitError):
                    client.chat.completions.create(model="m", messages=MESSAGES)

    def test_an_error_inside_a_stream(self):
        messages = [{"role": "user", "content": "[sim:error-in-200]"}]
        for vendor in self.REASONING:
            if vendor == "sglang":  # its flat error is none to this client
                continue
            with self.subTest(vendor), Simulator("--vendor", vendor) as sim, self.assertRaises(openai.APIError):
                list(client_of(sim).chat.completions.create(model="m", messages=messages, stream=True))


class ResponsesTest(unittest.TestCase):
    def setUp(self):
        self.sim = self.enterContext(Simulator("--reasoning-tokens", "20"))
        self.client = client_of(self.sim)

    def test_whole(self):
        answer = self.client.responses.create(model="m", input="Why?", instructions="Be brief.",
                                              reasoning={"effort": "low", "summary": "auto"},
                                              include=["message.output_text.logprobs"], top_logprobs=2)
        self.assertEqual(answer.status, "completed")
        self.assertEqual([item.type for item in answer.output], ["reasoning", "message"])
        self.assertTrue(answer.output[0].summary[0].text)
        self.assertEqual(answer.usage.output_tokens_details.reasoning_tokens, 20)
        self.assertEqual("".join(entry.token for entry in answer.output[1].content[0].logprobs), answer.output_text)

    def test_stream_says_the_same(self):
        wanted = {"model": "m", "input": [{"role": "user", "content": "Why?"}], "reasoning": {"summary": "auto"}}
        whole = self.client.responses.create(**wanted)
        with self.client.responses.stream(**wanted) as stream:
            events = list(stream)
            final = stream.get_final_response()
        self.assertEqual(final.output_text, whole.output_text)
        deltas = "".join(event.delta for event in events if event.type == "response.output_text.delta")
        self.assertEqual(deltas, whole.output_text)
        self.assertEqual([event.sequence_number for event in events if hasattr(event, "sequence_number")],
                         sorted(event.sequence_number for event in events if hasattr(event, "sequence_number")))

    def test_tool_and_schema(self):
        tool = {"type": "function", "name": "look_up", "parameters": SCHEMA, "strict": True}
        wanted = {"model": "m", "input": "Who?", "tools": [tool], "tool_choice": "required"}
        call = self.client.responses.create(**wanted).output[-1]
        self.assertEqual((call.type, call.name), ("function_call", "look_up"))
        self.assertEqual(set(json.loads(call.arguments)), {"name", "age"})
        with self.client.responses.stream(**wanted) as stream:
            self.assertEqual(stream.get_final_response().output[-1].arguments, call.arguments)
        text = {"format": {"type": "json_schema", "name": "p", "schema": SCHEMA, "strict": True}}
        answer = self.client.responses.create(model="m", input="Who?", text=text)
        self.assertEqual(set(json.loads(answer.output_text)), {"name", "age"})

    def test_cut_and_refused(self):
        cut = self.client.responses.create(model="m", input="Why?", max_output_tokens=30)
        self.assertEqual((cut.status, cut.incomplete_details.reason), ("incomplete", "max_output_tokens"))
        refused = self.client.responses.create(model="m", input="[sim:refuse] x")
        self.assertEqual(refused.output[-1].content[0].type, "refusal")
        with self.assertRaises(openai.BadRequestError):
            self.client.responses.create(model="m", input="x", extra_body={"stop": ["a"]})


class CompletionsTest(unittest.TestCase):
    def test_whole_and_streamed(self):
        with Simulator() as sim:
            client = client_of(sim)
            whole = client.completions.create(model="m", prompt=["a", "b"], max_tokens=20, logprobs=2)
            self.assertEqual([choice.index for choice in whole.choices], [0, 1])
            self.assertEqual("".join(whole.choices[0].logprobs.tokens), whole.choices[0].text)
            chunks = list(client.completions.create(model="m", prompt=["a", "b"], max_tokens=20, stream=True))
            text = "".join(chunk.choices[0].text for chunk in chunks if chunk.choices and chunk.choices[0].index == 1)
            self.assertEqual(text, whole.choices[1].text)


class AzureTest(unittest.TestCase):
    def test_chat(self):
        with Simulator("--api-key-env", "SIM_KEY", "--rpm", "600", SIM_KEY=KEY) as sim:
            client = azure_client_of(sim)
            raw = client.chat.completions.with_raw_response.create(model="my-deployment", messages=MESSAGES)
            self.assertTrue(raw.headers["x-ratelimit-reset-requests"].isdigit())
            whole = raw.parse()
            self.assertEqual(whole.model, "my-deployment")
            self.assertFalse(content_filter_results(whole.choices[0])["hate"]["filtered"])
            chunks = list(client.chat.completions.create(model="my-deployment", messages=MESSAGES, stream=True))
            self.assertEqual(chunks[0].choices, [])
            text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
            self.assertEqual(text, whole.choices[0].message.content)
            with self.assertRaises(openai.AuthenticationError):
                azure_client_of(sim, "wrong").chat.completions.create(model="d", messages=MESSAGES)
            with self.assertRaises(openai.BadRequestError) as caught:
                client.chat.completions.create(
                    model="d", messages=[{"role": "user", "content": "[sim:400:content_filter]"}])
            self.assertEqual(caught.exception.code, "content_filter")


class BatchTest(unittest.TestCase):
    def judge(self, client, sim, url, door):
        lines = [{"custom_id": f"k-{i}", "method": "POST", "url": url,
                  "body": {"model": "m", "messages": [{"role": "user", "content": f"question {i}"}]}}
                 for i in range(5)]
        lines[3]["body"]["messages"][0]["content"] = "[sim:500]"
        text = "".join(json.dumps(line) + "\n" for line in lines)
        file = client.files.create(file=("in.jsonl", io.BytesIO(text.encode())), purpose="batch")
        self.assertEqual((file.purpose, file.bytes), ("batch", len(text)))
        batch = client.batches.create(input_file_id=file.id, endpoint=url, completion_window="24h",
                                      metadata={"token": "t-1"})
        self.assertEqual([one.metadata for one in client.batches.list(limit=10) if one.id == batch.id],
                         [{"token": "t-1"}])
        batch = simulator.wait_until(
            lambda: (found := client.batches.retrieve(batch.id)).status == "completed" and found)
        self.assertEqual((batch.request_counts.total, batch.request_counts.completed, batch.request_counts.failed),
                         (5, 4, 1))
        results = {result["custom_id"]: result
                   for result in map(json.loads, client.files.content(batch.output_file_id).text.splitlines())}
        self.assertEqual(set(results), {"k-0", "k-1", "k-2", "k-4"})
        errors = list(map(json.loads, client.files.content(batch.error_file_id).text.splitlines()))
        self.assertEqual([error["response"]["status_code"] for error in errors], [500])
        online = client.chat.completions.create(model="m", messages=[{"role": "user", "content": "question 0"}])
        body = results["k-0"]["response"]["body"]
        self.assertEqual(body["choices"][0]["message"]["content"], online.choices[0].message.content)
        self.assertEqual([(line["door"], line["lines"], line["metadata"]) for line in sim.ledger("batch")],
                         [(door, 5, {"token": "t-1"})])
        costs = {line.get("custom_id"): line["cost_picodollars"] for line in sim.ledger("answered")}
        self.assertEqual(costs["k-0"] * 2, costs[None])

    def test_openai(self):
        with Simulator("--input-usd-per-mtok", "1", "--output-usd-per-mtok", "2") as sim:
            self.judge(client_of(sim), sim, "/v1/chat/completions", "openai")

    def test_azure(self):
        with Simulator("--input-usd-per-mtok", "1", "--output-usd-per-mtok", "2") as sim:
            self.judge(azure_client_of(sim), sim, "/chat/completions", "azure")

    def test_a_full_queue_and_a_bad_file_fail(self):
        with Simulator("--batch-enqueued-tokens", "1") as sim:
            client = client_of(sim)
            good = json.dumps({"custom_id": "a", "method": "POST", "url": "/v1/responses",
                               "body": {"model": "m", "input": "a question"}})
            for text, code in ((good, "token_limit_exceeded"), ("{", "invalid_json_line"),
                               (good + "\n" + good, "duplicate_custom_id")):
                file = client.files.create(file=("in.jsonl", text.encode()), purpose="batch")
                batch = client.batches.create(input_file_id=file.id, endpoint="/v1/responses",
                                              completion_window="24h")
                self.assertEqual((batch.status, batch.errors.data[0].code), ("failed", code))

    def test_cancelled(self):
        with Simulator("--batch-seconds", "60") as sim:
            client = client_of(sim)
            line = {"custom_id": "a", "method": "POST", "url": "/v1/chat/completions",
                    "body": {"model": "m", "messages": MESSAGES}}
            file = client.files.create(file=("in.jsonl", json.dumps(line).encode()), purpose="batch")
            batch = client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions",
                                          completion_window="24h")
            self.assertEqual(client.batches.cancel(batch.id).status, "cancelled")
            with self.assertRaises(openai.NotFoundError):
                client.batches.retrieve("batch_none")


if __name__ == "__main__":
    simulator.main()
