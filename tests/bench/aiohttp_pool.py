"""The rival without storage: a pool of aiohttp workers, as a data team would write it. Run by a Python that has aiohttp.

    python3 aiohttp_pool.py URL BODIES_FILE CONCURRENCY REQUESTS

Prints CPU microseconds of the process per request, the first tenth left out.
"""
import asyncio
import json
import resource
import sys

import aiohttp


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def main(url, bodies_file, concurrency, requests):
    with open(bodies_file) as file:
        bodies = [json.loads(line) for line in file]
    begun = ended = 0
    since = 0.0

    async def worker(session):
        nonlocal begun, ended, since
        while begun < requests:
            body = bodies[begun % len(bodies)]
            begun += 1
            async with session.post(url, json=body) as response:
                response.raise_for_status()
                (await response.json())["choices"][0]["message"]["content"]
            ended += 1
            if ended == requests // 10:
                since = cpu_seconds()

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=concurrency)) as session:
        await asyncio.gather(*(worker(session) for _ in range(concurrency)))
    print(json.dumps({"cpu_us": (cpu_seconds() - since) / (requests - requests // 10) * 1e6}))


asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
