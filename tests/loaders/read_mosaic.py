"""read_mosaic.py FOLDER COPY: the records of a pulled dataset as mosaicml-streaming's own package reads them, one JSON line each:
where they lie, and then as it fetches them to COPY."""

import json
import sys

from streaming import StreamingDataset

folder, copy = sys.argv[1:]
records = list(StreamingDataset(local=folder, shuffle=False, batch_size=1))
assert records == list(StreamingDataset(remote=folder, local=copy, shuffle=False, batch_size=1, validate_hash="sha256"))
for record in records:
    print(json.dumps(record))
