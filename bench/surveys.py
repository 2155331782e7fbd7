"""Surveys: 50,000 interviews with 100 questions, one by economy and sex, all by economy.

The peer is R's `survey` where it is installed: one question by economy and sex, the same data.
FOCAL_BENCH_INTERVIEWS scales it down.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import time
from pathlib import Path

from bench.apart import run_apart

INTERVIEWS = int(os.environ.get("FOCAL_BENCH_INTERVIEWS", "50000"))
QUESTIONS, TIMES = 100, 15
PEER = """
suppressMessages(library(survey)); d <- read.csv(commandArgs(TRUE)[1])
d$q <- factor(d$q0)
s <- svydesign(id=~psu, strata=~stratum, weights=~w, data=d, nest=TRUE)
x <- svyby(~q, ~economy+sex, s, svymean)
t <- replicate(3, system.time(svyby(~q, ~economy+sex, s, svymean))[["elapsed"]])
cat(1000 * median(t))
"""


def run() -> dict[str, object]:
    """Milliseconds of one question by two groups, seconds of all by one."""
    return run_apart(measure)


def measure() -> dict[str, object]:
    """Everything, in this process."""
    import numpy as np
    import polars as pl

    from focal.surveys import microdata
    from focal.surveys.design import pack, read_design
    from focal.surveys.estimation import estimate
    from focal.surveys.models import Question, SurveyEdition

    dice = np.random.default_rng(7)
    persons = np.arange(INTERVIEWS)
    columns = {
        "economy": persons % 13 + 1,
        "sex": dice.choice(["f", "m"], INTERVIEWS),
        "stratum": persons // 10 % 130,
        "psu": persons // 10,
        "w": 0.5 + dice.random(INTERVIEWS),
    }
    columns |= {f"q{n}": dice.integers(1, 6, INTERVIEWS) for n in range(QUESTIONS)}
    frame = pl.DataFrame(columns)
    scale = [{"value": value, "label": str(value)} for value in range(1, 6)]
    read = read_design(
        {
            "survey": {"key": "bench", "title": "Bench"},
            "edition": {"name": "1"},
            "weight": "w",
            "strata": "stratum",
            "clusters": ["psu"],
            "groups": [
                {"key": "economy", "values": {str(code): str(code) for code in range(1, 14)}},
                {"key": "sex", "values": {"f": "f", "m": "m"}},
            ],
            "questions": [{"code": f"q{n}", "text": "?", "scale": scale} for n in range(QUESTIONS)],
        }
    )
    design, groups = pack(read)
    digest = microdata.keep(frame)
    edition = SurveyEdition(
        name="1", design=design, groups=groups, digest=digest, interviews=INTERVIEWS
    )
    asked = [
        Question(edition=edition, code=q.code, texts=q.texts, scale=list(q.scale))
        for q in read.questions
    ]
    estimate(asked[0], read.groups)
    times, busy = [], []
    for question in asked[:TIMES]:
        start, begun = time.perf_counter(), time.process_time()
        estimate(question, read.groups)
        times.append(1000 * (time.perf_counter() - start))
        busy.append(1000 * (time.process_time() - begun))
    start = time.perf_counter()
    for question in asked:
        estimate(question, read.groups[:1])
    whole = time.perf_counter() - start
    figures: dict[str, object] = {
        "interviews": INTERVIEWS,
        "questions": QUESTIONS,
        "one by economy and sex": {
            "median_ms": round(statistics.median(times), 1),
            "max_ms": round(max(times), 1),
            "processor_ms": round(statistics.median(busy), 1),
            "target_ms": 150,
        },
        "all by economy (seconds)": round(whole, 1),
        "all by economy, target (seconds)": 20,
    }
    if shutil.which("Rscript"):
        table = Path(os.environ["FOCAL_DATA"], "answers.csv")
        frame.select("economy", "sex", "stratum", "psu", "w", "q0").write_csv(table)
        said = subprocess.run(
            ["Rscript", "-e", PEER, str(table)], check=True, capture_output=True, text=True
        )
        figures["R survey, one by economy and sex (ms)"] = round(float(said.stdout.split()[-1]))
    return figures
