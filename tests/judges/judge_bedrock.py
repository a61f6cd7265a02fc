"""AWS's client: Bedrock's converse and converse_stream, with signatures that the stand-in checks."""

import json
import os
import unittest
import unittest.mock

import boto3
import botocore
import simulator
from botocore.config import Config
from simulator import KEY, SCHEMA, Simulator

MESSAGES = [{"role": "user", "content": [{"text": "Why is the sky blue?"}]}]
MODEL = "anthropic.claude-sonnet-4-20250514-v1:0"  # the colon is encoded on its way
ARN = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-20250514-v1:0"
SECRET = "sim/secret+key"


def client_of(sim, secret=SECRET, credentials=True):
    given = {"aws_access_key_id": "AKIASIM", "aws_secret_access_key": secret, "aws_session_token": "a/session/token"}
    return boto3.client("bedrock-runtime", region_name="us-east-1", endpoint_url=sim.url,
                        verify=sim.certificate if sim.tls else None,
                        config=Config(retries={"total_max_attempts": 1}), **(given if credentials else {}))


def simulator_with_key(*flags):
    return Simulator("--aws-key-env", "SIM_AWS", *flags, SIM_AWS="AKIASIM:" + SECRET)


def put_together(stream):
    """The message that the events of a stream make, and the event with the usage."""
    blocks, stop, metadata = {}, None, None
    for event in stream:
        if "contentBlockStart" in event:
            start = event["contentBlockStart"]
            blocks[start["contentBlockIndex"]] = {"toolUse": {**start["start"]["toolUse"], "input": ""}}
        if "contentBlockDelta" in event:
            delta = event["contentBlockDelta"]
            block = blocks.setdefault(delta["contentBlockIndex"], {})
            if "text" in delta["delta"]:
                block["text"] = block.get("text", "") + delta["delta"]["text"]
            if "toolUse" in delta["delta"]:
                block["toolUse"]["input"] += delta["delta"]["toolUse"]["input"]
            for name, value in delta["delta"].get("reasoningContent", {}).items():
                block.setdefault("reasoning", {}).setdefault(name, "")
                block["reasoning"][name] += value
        if "messageStop" in event:
            stop = event["messageStop"]["stopReason"]
        metadata = event.get("metadata", metadata)
    return [blocks[index] for index in sorted(blocks)], stop, metadata


class ConverseTest(unittest.TestCase):
    def setUp(self):
        self.sim = self.enterContext(simulator_with_key())
        self.client = client_of(self.sim)

    def test_whole_and_streamed(self):
        for model in (MODEL, ARN):
            wanted = {"modelId": model, "messages": MESSAGES, "system": [{"text": "Be brief."}],
                      "inferenceConfig": {"maxTokens": 2000, "temperature": 0.5},
                      "additionalModelRequestFields": {"thinking": {"type": "enabled", "budget_tokens": 1024}}}
            whole = self.client.converse(**wanted)
            thought, said = whole["output"]["message"]["content"]
            blocks, stop, metadata = put_together(self.client.converse_stream(**wanted)["stream"])
            self.assertEqual(blocks[0]["reasoning"], thought["reasoningContent"]["reasoningText"])
            self.assertEqual(blocks[1]["text"], said["text"])
            self.assertEqual(stop, whole["stopReason"])
            self.assertEqual(metadata["usage"], whole["usage"])
            self.assertEqual(len(self.sim.ledger("answered")) % 2, 0)
        self.assertEqual({line["model"] for line in self.sim.ledger("received")}, {MODEL, ARN})

    def test_tool(self):
        wanted = {"modelId": MODEL, "messages": MESSAGES,
                  "toolConfig": {"tools": [{"toolSpec": {"name": "look_up", "inputSchema": {"json": SCHEMA}}}],
                                 "toolChoice": {"any": {}}}}
        whole = self.client.converse(**wanted)
        self.assertEqual(whole["stopReason"], "tool_use")
        self.assertEqual(set(whole["output"]["message"]["content"][0]["toolUse"]["input"]), {"name", "age"})
        blocks, stop, _ = put_together(self.client.converse_stream(**wanted)["stream"])
        self.assertEqual((blocks[0]["toolUse"]["name"], stop), ("look_up", "tool_use"))

    def test_schema(self):
        form = {"type": "json_schema", "structure": {"jsonSchema": {"name": "p", "schema": json.dumps(SCHEMA)}}}
        whole = self.client.converse(modelId=MODEL, messages=MESSAGES, outputConfig={"textFormat": form})
        self.assertEqual(set(json.loads(whole["output"]["message"]["content"][0]["text"])), {"name", "age"})

    def test_errors(self):
        exceptions = self.client.exceptions
        for marker, expected in (("429", exceptions.ThrottlingException),
                                 ("403", exceptions.AccessDeniedException),
                                 ("424", exceptions.ModelErrorException),
                                 ("503", exceptions.ServiceUnavailableException),
                                 ("400:ServiceQuotaExceededException", exceptions.ServiceQuotaExceededException)):
            with self.subTest(marker), self.assertRaises(expected):
                self.client.converse(modelId=MODEL, messages=[{"role": "user", "content": [{"text": f"[sim:{marker}]"}]}])
        with self.assertRaises(exceptions.ValidationException):
            self.client.converse(modelId=MODEL, messages=[{"role": "user", "content": []}])

    def test_an_exception_inside_a_stream(self):
        stream = self.client.converse_stream(
            modelId=MODEL, messages=[{"role": "user", "content": [{"text": "[sim:error-in-200]"}]}])["stream"]
        with self.assertRaises(botocore.exceptions.EventStreamError):
            list(stream)

    def test_a_wrong_secret(self):
        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            client_of(self.sim, "wrong").converse(modelId=MODEL, messages=MESSAGES)
        self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 403)
        self.assertEqual(caught.exception.response["Error"]["Code"], "UnrecognizedClientException")


class BearerTest(unittest.TestCase):
    def test_an_api_key_takes_the_place_of_a_signature(self):
        with Simulator("--api-key-env", "SIM_KEY", tls=True, SIM_KEY=KEY) as sim:  # the client insists on TLS
            with unittest.mock.patch.dict(os.environ, AWS_BEARER_TOKEN_BEDROCK=KEY):
                answer = client_of(sim, credentials=False).converse(modelId=MODEL, messages=MESSAGES)
                self.assertEqual(answer["stopReason"], "end_turn")
            with unittest.mock.patch.dict(os.environ, AWS_BEARER_TOKEN_BEDROCK="wrong"):
                with self.assertRaises(botocore.exceptions.ClientError) as caught:
                    client_of(sim, credentials=False).converse(modelId=MODEL, messages=MESSAGES)
                self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 403)


class LimitTest(unittest.TestCase):
    def test_throttled(self):
        with simulator_with_key("--rpm", "1", "--enforcement", "fixed-window") as sim:
            client = client_of(sim)
            client.converse(modelId=MODEL, messages=MESSAGES)
            with self.assertRaises(client.exceptions.ThrottlingException):
                client.converse(modelId=MODEL, messages=MESSAGES)


if __name__ == "__main__":
    simulator.main()
