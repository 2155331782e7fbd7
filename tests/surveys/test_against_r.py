"""An outside judge: R's `survey` on the California samples that come with it.

The printed answers are those of the package's own vignette and of Lumley, Complex Surveys
(2010), chapters 2 and 3. R is Debian's `r-cran-survey`; without it these tests are left out,
in CI its absence is a failure.
"""

import os
import shutil
import subprocess

import pytest

from focal.surveys import estimation, selectors
from tests.surveys.making import bring, find

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
WRITE = """
suppressMessages(library(survey)); data(api); folder <- commandArgs(TRUE)[1]
jk <- as.svrepdesign(svydesign(id=~dnum, weights=~pw, data=apiclus1), type="JK1")
weights <- as.data.frame(weights(jk, "analysis")); names(weights) <- paste0("r", 1:ncol(weights))
apirep <- cbind(apiclus1, weights)
for (n in c("apistrat", "apiclus1", "apiclus2", "apirep"))
  write.csv(get(n), file.path(folder, paste0(n, ".csv")), row.names=FALSE, na="")
tell <- function(x) sprintf("%.10f", as.vector(x))
say <- function(name, x) cat(name, tell(coef(x)), tell(SE(x)), "\\n")
strat <- svydesign(id=~1, strata=~stype, weights=~pw, data=apistrat, fpc=~fpc)
clus1 <- svydesign(id=~dnum, weights=~pw, data=apiclus1, fpc=~fpc)
clus2 <- svydesign(id=~dnum+snum, weights=~pw, data=apiclus2, fpc=~fpc1+fpc2)
clus2wr <- svydesign(id=~dnum+snum, weights=~pw, data=apiclus2)
apiclus2$part <- ifelse(apiclus2$dnum == 15, 1, 2)
designs <- list(strat=strat, clus1=clus1, clus2=clus2, clus2wr=clus2wr, rep=jk)
for (n in names(designs)) {
  d <- designs[[n]]
  say(paste0(n, ":api00"), svymean(~api00, d))
  say(paste0(n, ":enroll"), svymean(~enroll, d, na.rm=TRUE))
  say(paste0(n, ":awards"), svymean(~awards, d))
  say(paste0(n, ":by"), svyby(~api00, ~stype, d, svymean))
}
for (rule in c("remove", "adjust", "average")) {
  options(survey.lonely.psu=rule)
  say(rule, svymean(~api00, svydesign(id=~dnum, strata=~part, weights=~pw, data=apiclus2)))
}
interval <- svyciprop(~I(awards == "Yes"), clus2, method="logit", df=degf(clus2))
cat("interval", sprintf("%.10f", attr(interval, "ci")), "\\n")
"""
PRINTED = {  # mean of api00, its standard error, as printed
    "strat": ("662.29", "9.4089"),
    "clus1": ("644.17", "23.542"),
    "clus2": ("670.81", "30.099"),
    "clus2wr": ("670.81", "30.712"),
}
DESIGNS = {
    "strat": ("apistrat", {"strata": "stype", "population_size": ["fpc"]}),
    "clus1": ("apiclus1", {"clusters": ["dnum"], "population_size": ["fpc"]}),
    "clus2": ("apiclus2", {"clusters": ["dnum", "snum"], "population_size": ["fpc1", "fpc2"]}),
    "clus2wr": ("apiclus2", {"clusters": ["dnum", "snum"]}),
    "rep": (
        "apirep",
        {"replicates": {"method": "jackknife", "columns": [f"r{n}" for n in range(1, 16)]}},
    ),
}


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """R's answers by name, and the folder with its samples."""
    if not shutil.which("Rscript"):
        message = "R is not here (Debian: r-cran-survey)."
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    folder = tmp_path_factory.mktemp("api")
    said = subprocess.run(
        ["Rscript", "-e", WRITE, str(folder)], capture_output=True, text=True, check=True
    )
    lines = [line.split() for line in said.stdout.splitlines()]
    return folder, {name: [float(number) for number in numbers] for name, *numbers in lines}


def make_design(key, **more):
    return {
        "survey": {"key": key, "title": key},
        "edition": {"name": "2000"},
        "weight": "pw",
        "groups": [{"key": "stype", "values": {"E": "E", "H": "H", "M": "M"}}],
        "questions": [
            {"code": "api00", "text": "Index", "kind": "number"},
            {"code": "enroll", "text": "Pupils", "kind": "number"},
            {
                "code": "awards",
                "text": "Awarded",
                "scale": [{"value": v, "label": v} for v in ("No", "Yes")],
            },
        ],
        **more,
    }


def bring_sample(editor, organisation, folder, sample, key, more):
    import csv

    with (folder / f"{sample}.csv").open() as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["part"] = "1" if row["dnum"] == "15" else "2"
    target = folder / key
    target.mkdir(exist_ok=True)
    return bring(editor, organisation, target, rows=rows, design=make_design(key, **more))[1]


@pytest.mark.parametrize("key", DESIGNS)
def test_estimates_are_those_of_r(judged, editor, organisation, key):
    folder, answers = judged
    sample, more = DESIGNS[key]
    edition = bring_sample(editor, organisation, folder, sample, key, more)
    got = {}
    for code, by in (("api00", ()), ("enroll", ()), ("awards", ()), ("api00", ("stype",))):
        groups = selectors.choose_groups(edition, by)
        table = estimation.estimate(find(edition, code), groups, threshold=0)
        shown = [cell for cell in table.cells if not cell.hidden]
        name = f"{key}:{'by' if by else code}"
        expected = answers[name]
        if by:
            places = [index for index, cell in enumerate(table.cells) if not cell.hidden]
            half = len(expected) // 2
            expected = [expected[i] for i in places] + [expected[half + i] for i in places]
        got[name] = [c.estimate for c in shown] + [c.standard_error for c in shown]
        assert got[name] == pytest.approx(expected, rel=1e-7, abs=1e-8), name
    if key in PRINTED:
        value, error = PRINTED[key]
        printed = got[f"{key}:api00"]
        assert (f"{printed[0]:.2f}", f"{printed[1]:.5g}") == (value, error)


@pytest.mark.parametrize(
    ("lonely", "rule"), [("skip", "remove"), ("center", "adjust"), ("scale", "average")]
)
def test_lonely_strata_follow_the_stated_rule(judged, editor, organisation, lonely, rule):
    folder, answers = judged
    more = {"clusters": ["dnum"], "strata": "part", "lonely": lonely}
    edition = bring_sample(editor, organisation, folder, "apiclus2", lonely, more)

    cell = estimation.estimate(find(edition, "api00")).get(())

    assert [cell.estimate, cell.standard_error] == pytest.approx(answers[rule], rel=1e-8)


def test_intervals_of_shares_are_r_s(judged, editor, organisation):
    folder, answers = judged
    edition = bring_sample(
        editor, organisation, folder, "apiclus2", "interval", DESIGNS["clus2"][1]
    )

    cell = estimation.estimate(find(edition, "awards")).get((), "Yes")

    assert [cell.low, cell.high] == pytest.approx(answers["interval"], rel=1e-7)
