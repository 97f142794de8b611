"""Coverage-guided fuzzing of every reader, with atheris: `make fuzz`, some minutes each, never in the suite.

    python -m tests.fuzz SECONDS CORPUS [READER...]

A reader that raises anything but its one error, or takes long, stops with the input in CORPUS: make a test of it. The
corpus is kept, so that the next run goes on where this one ended.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

SLOW_SECONDS = 2
MEMORY_MIB = 1_024
LONGEST = 4_096


def fuzz(name: str, seconds: int, corpus: Path) -> None:
    """Fuzz one reader in this process, which ends with it."""
    import atheris  # noqa: PLC0415 - of an environment of its own: deploy/fuzz.in

    with atheris.instrument_imports(include=["nfc", "cbor2"]):
        from nfc.errors import CodeError  # noqa: PLC0415 - as it is imported it is instrumented
        from tests.parsers import PARSERS  # noqa: PLC0415 - as above

    parser = next(one for one in PARSERS if one.name == name)
    for number, seed in enumerate(parser.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)

    def once(data: bytes) -> None:
        try:
            parser.call(data)
        except CodeError:
            return

    options = [
        f"-max_total_time={seconds}",
        f"-timeout={SLOW_SECONDS}",
        f"-rss_limit_mb={MEMORY_MIB}",
        f"-max_len={LONGEST}",
        f"-artifact_prefix={corpus}/crash-",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], once)
    atheris.Fuzz()


def main(seconds: int, folder: Path, wanted: list[str]) -> int:
    """Fuzz the readers one after the other, each in a process of its own; return how many were found wanting."""
    from tests.parsers import PARSERS  # noqa: PLC0415 - the fuzzing process must import it by itself

    wrong = 0
    for parser in PARSERS:
        if wanted and parser.name not in wanted:
            continue
        corpus = folder / re.sub(r"\W+", "-", parser.name)
        corpus.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "tests.fuzz", "--one", parser.name, str(seconds), str(corpus)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        runs = re.search(r"number_of_executed_units:\s*(\d+)", done.stderr)
        covered = re.findall(r"cov: (\d+)", done.stderr)
        said = f"{parser.name:32} {runs[1] if runs else '?':>9} runs, {covered[-1] if covered else '?':>5} edges"
        sys.stdout.write(f"{said}{'' if done.returncode == 0 else '   FAILED'}\n")
        sys.stdout.flush()
        if done.returncode:
            wrong += 1
            sys.stdout.write(f"{done.stderr[-3_000:]}\n")
    return wrong


if __name__ == "__main__":
    if sys.argv[1] == "--one":
        fuzz(sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
    else:
        os.environ.setdefault("PYTHONHASHSEED", "0")
        sys.exit(main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
