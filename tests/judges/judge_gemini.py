"""Google's client: generateContent behind the Gemini API's door, and batches with requests in the body."""

import json
import unittest

import simulator
from google import genai
from google.genai import errors, types
from simulator import KEY, SCHEMA, Simulator

MODEL = "gemini-2.5-flash"


def client_of(sim, key=KEY):
    return genai.Client(api_key=key, http_options=types.HttpOptions(base_url=sim.url, api_version="v1beta"))


class GenerateTest(unittest.TestCase):
    def setUp(self):
        self.sim = self.enterContext(Simulator("--api-key-env", "SIM_KEY", SIM_KEY=KEY))
        self.client = client_of(self.sim)

    def test_whole(self):
        config = types.GenerateContentConfig(system_instruction="Be brief.", temperature=0.5, candidate_count=2,
                                             response_logprobs=True, logprobs=3)
        answer = self.client.models.generate_content(model=MODEL, contents="Why is the sky blue?", config=config)
        self.assertEqual(len(answer.candidates), 2)
        self.assertEqual(answer.candidates[0].finish_reason, types.FinishReason.STOP)
        self.assertEqual(answer.usage_metadata.total_token_count,
                         answer.usage_metadata.prompt_token_count + answer.usage_metadata.candidates_token_count)
        tokens = answer.candidates[0].logprobs_result.chosen_candidates
        self.assertEqual("".join(token.token for token in tokens), answer.candidates[0].content.parts[0].text)

    def test_stream_says_the_same(self):
        config = types.GenerateContentConfig(
            thinking_config=types.ThinkingConfig(include_thoughts=True, thinking_budget=20))
        wanted = {"model": MODEL, "contents": "Why?", "config": config}
        whole = self.client.models.generate_content(**wanted)
        chunks = list(self.client.models.generate_content_stream(**wanted))
        self.assertGreater(len(chunks), 3)

        def text_of(answers, thought):
            return "".join(part.text or "" for answer in answers for part in answer.candidates[0].content.parts or []
                           if bool(part.thought) == thought)
        for thought in (True, False):
            self.assertEqual(text_of(chunks, thought), text_of([whole], thought))
        self.assertEqual(chunks[-1].usage_metadata.total_token_count, whole.usage_metadata.total_token_count)

    def test_tool(self):
        tool = types.Tool(function_declarations=[types.FunctionDeclaration(
            name="look_up", parameters_json_schema=SCHEMA)])
        config = types.GenerateContentConfig(
            tools=[tool], tool_config=types.ToolConfig(
                function_calling_config=types.FunctionCallingConfig(mode="ANY")),
            automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True))
        answer = self.client.models.generate_content(model=MODEL, contents="Who?", config=config)
        self.assertEqual(set(answer.function_calls[0].args), {"name", "age"})

    def test_schema(self):
        config = types.GenerateContentConfig(response_mime_type="application/json", response_json_schema=SCHEMA)
        answer = self.client.models.generate_content(model=MODEL, contents="Who?", config=config)
        self.assertEqual(set(json.loads(answer.text)), {"name", "age"})

    def test_blocked(self):
        answer = self.client.models.generate_content(model=MODEL, contents="[sim:refuse] x")
        self.assertFalse(answer.candidates)
        self.assertEqual(answer.prompt_feedback.block_reason, types.BlockedReason.PROHIBITED_CONTENT)

    def test_errors(self):
        stranger = client_of(self.sim, "wrong")
        with self.assertRaises(errors.ClientError) as caught:
            stranger.models.generate_content(model=MODEL, contents="x")
        self.assertEqual((caught.exception.code, caught.exception.status), (400, "INVALID_ARGUMENT"))
        with self.assertRaises(errors.ServerError):
            self.client.models.generate_content(model=MODEL, contents="[sim:503]")


class LimitTest(unittest.TestCase):
    def test_throttled(self):
        with Simulator("--rpm", "1", "--enforcement", "fixed-window") as sim:
            client = client_of(sim)
            client.models.generate_content(model=MODEL, contents="x")
            with self.assertRaises(errors.ClientError) as caught:
                client.models.generate_content(model=MODEL, contents="x")
            self.assertEqual((caught.exception.code, caught.exception.status), (429, "RESOURCE_EXHAUSTED"))


class BatchTest(unittest.TestCase):
    def test_batch(self):
        with Simulator() as sim:
            client = client_of(sim)
            requests = [{"contents": [{"role": "user", "parts": [{"text": text}]}]}
                        for text in ("question 0", "[sim:500]", "question 2")]
            job = client.batches.create(model=MODEL, src=requests, config={"display_name": "token-1"})
            self.assertEqual(job.state, types.JobState.JOB_STATE_PENDING)
            self.assertEqual([one.display_name for one in client.batches.list()], ["token-1"])
            job = simulator.wait_until(
                lambda: (found := client.batches.get(name=job.name)).state == types.JobState.JOB_STATE_SUCCEEDED
                and found)
            responses = job.dest.inlined_responses
            online = client.models.generate_content(model=MODEL, contents="question 0")
            self.assertEqual(responses[0].response.text, online.text)
            self.assertTrue(responses[1].error)
            self.assertTrue(responses[2].response.text)
            self.assertEqual(len(sim.ledger("batch")), 1)

    def test_cancelled(self):
        with Simulator("--batch-seconds", "60") as sim:
            client = client_of(sim)
            job = client.batches.create(model=MODEL, src=[{"contents": [{"parts": [{"text": "x"}]}]}])
            client.batches.cancel(name=job.name)
            self.assertEqual(client.batches.get(name=job.name).state, types.JobState.JOB_STATE_CANCELLED)


if __name__ == "__main__":
    simulator.main()
