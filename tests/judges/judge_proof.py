"""Others judge storage/proof: Go's golang.org/x/mod/sumdb (Debian's golang packages) trees, notes, proofs and tiles, openssl
signatures, the DSSE reference implementation envelopes. What they make themselves, our code must accept."""

import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import CryptoSigner, SSlibKey

HERE = pathlib.Path(__file__).resolve().parent
CASES = sys.argv[1]


def check(holds, what):
    if not holds:
        sys.exit(f"judge_proof: {what}")
    print(f"  {what}")


def run(*command, **more):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=300, **more)
    check(done.returncode == 0, (done.stdout + done.stderr).strip() or f"{command[0]} {command[1]}: done")


def openssl_verifies(folder, vkey, message, signature):
    """The message under the key of a vkey."""
    public = base64.b64decode(vkey.split("+", 2)[2])[1:]
    der = bytes.fromhex("302a300506032b6570032100") + public
    pem = f"-----BEGIN PUBLIC KEY-----\n{base64.b64encode(der).decode()}\n-----END PUBLIC KEY-----\n"
    for name, content in (("key.pem", pem.encode()), ("message", message), ("signature", signature)):
        (folder / name).write_bytes(content)
    done = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin", "-in", "message",
                           "-sigfile", "signature"], cwd=folder, capture_output=True, timeout=60)
    return done.returncode == 0


def signatures(note):
    """Text, and the bytes of each signature line behind the key's id."""
    text, _, lines = note.rpartition(b"\n\n")
    return text + b"\n", [base64.b64decode(line.rsplit(b" ", 1)[1])[4:] for line in lines.splitlines()]


def judge_by_openssl(folder):
    text, (log, witness) = signatures((folder / "checkpoint-70000").read_bytes())
    vkey, witness_vkey = (folder / "vkey").read_text(), (folder / "witness-vkey").read_text()
    check(openssl_verifies(folder, vkey, text, log), "openssl accepts a checkpoint's signature")
    check(not openssl_verifies(folder, vkey, text + b"\n", log), "and no other text's")
    cosigned = b"cosignature/v1\ntime %d\n" % int.from_bytes(witness[:8], "big") + text
    check(openssl_verifies(folder, witness_vkey, cosigned, witness[8:]), "openssl accepts a cosignature")
    envelope = json.loads((folder / "envelope.json").read_bytes())
    body, kind = base64.b64decode(envelope["payload"]), envelope["payloadType"].encode()
    encoded = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)
    check(openssl_verifies(folder, vkey, encoded, base64.b64decode(envelope["signatures"][0]["sig"])),
          "openssl accepts an envelope's signature")


def judge_by_reference(folder):
    name, ident, key = (folder / "vkey").read_text().split("+", 2)
    public = SSlibKey(f"{name}+{ident}", "ed25519", "ed25519", {"public": base64.b64decode(key)[1:].hex()})
    ours = Envelope.from_dict(json.loads((folder / "envelope.json").read_bytes()))
    check(list(ours.verify([public], 1)) == [public.keyid], "the reference implementation accepts the envelope")
    ours.payload += b" "
    try:
        ours.verify([public], 1)
        check(False, "the reference implementation refuses another payload")
    except VerificationError:
        pass
    seed = base64.b64decode((folder / "skey").read_text().split("+", 4)[4])[1:]
    theirs = Envelope((ours.payload[:-1]), "application/vnd.in-toto+json", {})
    theirs.sign(CryptoSigner(Ed25519PrivateKey.from_private_bytes(seed), public))
    (folder / "reference-envelope.json").write_text(json.dumps(theirs.to_dict(), indent=1))


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        run(CASES, "make", folder)
        environment = {**os.environ, "GO111MODULE": "off", "GOFLAGS": "", "GOCACHE": str(folder / "cache"),
                       "GOPATH": os.environ.get("GOPATH", "/usr/share/gocode")}
        run("go", "run", HERE / "judge_proof.go", folder, env=environment)
        judge_by_openssl(folder)
        judge_by_reference(folder)
        run(CASES, "check", folder)


if __name__ == "__main__":
    main()
