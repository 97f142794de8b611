"""Passages at a steady pace, as people come: each sent at its moment, or as soon as the last is answered.

Run in a process of its own, so that nothing else in this program delays what is measured.
"""

import http.client
import time

import msgspec

from bench.codes import Ask

GATE = "/v1/access/validations"


def paced(port: int, token: str, asks: list[Ask], prefix: str, *, per_second: float) -> list[float]:
    """Ask about these, so many a second, over one connection; milliseconds from each moment due to the answer.

    Raises:
        RuntimeError: an answer is none.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.connect()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    bodies = [
        msgspec.json.encode({"key": f"{prefix}-{number}", "gate": gate, "credential": credential})
        for number, (gate, credential) in enumerate(asks)
    ]
    taken, begin = [], time.perf_counter()
    for number, body in enumerate(bodies):
        due = begin + number / per_second
        time.sleep(max(0.0, due - time.perf_counter()))
        sent = min(due + 0.001, time.perf_counter())  # the sleep's own lateness is not the server's
        connection.request("POST", GATE, body, headers)
        answer = connection.getresponse()
        answer.read()
        taken.append((time.perf_counter() - sent) * 1e3)
        if answer.status != 200:
            raise RuntimeError(f"a passage was answered {answer.status}")
    connection.close()
    return taken
