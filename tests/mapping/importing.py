"""What tests of imports say of an import."""

from focal.mapping.models import MappingImportRow


def verdicts(job):
    return {name: count for name, count in job.counts.items() if count}


def problems(job):
    rows = MappingImportRow.objects.filter(batch=job).order_by("row")
    return [(p["row"], p["column"], p["level"]) for row in rows for p in row.problems]
