"""The plan of a run: objects, choices and obstacles."""

from __future__ import annotations

from dataclasses import replace

from oss_restore.clients.deployment import Deployment
from oss_restore.clients.storage import open_bucket, open_store, storage_errors
from oss_restore.clients.target import Target
from oss_restore.errors import UsageError
from oss_restore.planning.choices import RunPlan, Terms, choices
from oss_restore.planning.copies import CopyCosts, with_storage_class
from oss_restore.planning.forecast.workload import Workload
from oss_restore.planning.manifest_survey import survey_manifest
from oss_restore.planning.preflight import Preflight
from oss_restore.planning.survey import Progress, Survey, survey_bucket
from thaw.after_thaw import CopyTo, Promotion
from thaw.errors import InvalidInput
from thaw.run_input import RunInput
from thaw.storage_classes import ARCHIVE_CLASSES


def plan_bucket(
    target: Target,
    deployment: Deployment,
    run: RunInput,
    terms: Terms,
    on_progress: Progress,
    *,
    as_given: bool = False,
) -> RunPlan:
    """Survey the bucket or the run's manifest, and forecast the choices.

    Args:
        target: endpoints and credentials.
        deployment: the deployment that would run it.
        run: the run's input.
        terms: the terms for time and cost.
        on_progress: called with the progress of the listing.
        as_given: as for :func:`choices`.

    Raises:
        OperatorError: the bucket or the manifest cannot be read.
    """
    preflight = Preflight()
    run = with_storage_class(run, deployment.environment)
    preflight.check_scope(deployment, run)
    bucket = open_bucket(target, run.bucket_name)
    preflight.check_region(bucket, target.region_of(run.bucket_name))
    if preflight.obstacles:
        return RunPlan(run, terms, [], preflight=preflight)
    survey = _survey(target, deployment, run, on_progress)
    preflight.check_direct_read(bucket, survey)
    leaves_archived = isinstance(run.then, Promotion) and not run.then.remove_archived
    keeps_versions = leaves_archived and preflight.keeps_versions(bucket)
    workload = replace(_workload(survey), keeps_versions=keeps_versions)
    has_work = survey.objects or (survey.copies and not run.dry_run)
    tiers = choices(workload, run, terms, as_given=as_given) if has_work else []
    copy_costs = _copy_costs(run, terms, workload)
    return RunPlan(run, terms, tiers, survey, preflight, copy_costs)


def _copy_costs(run: RunInput, terms: Terms, workload: Workload) -> CopyCosts | None:
    if run.then is None or run.dry_run:
        return None
    stay = workload.keeps_versions or isinstance(run.then, CopyTo)
    return CopyCosts(run.then, workload.copied, stay, terms.prices, terms.currency)


def plan_objects(run: RunInput, terms: Terms, objects: int, size: float, *, others: int) -> RunPlan:
    """Plan a run over objects that do not exist yet, spread evenly over the run's classes.

    Args:
        run: the run's input.
        terms: the terms for time and cost.
        objects: number of objects.
        size: their total size in bytes.
        others: number of further objects, which need no thaw.
    """
    share, remainder = divmod(objects, len(run.storage_classes))
    spread = {name: share + (index < remainder) for index, name in enumerate(run.storage_classes)}
    by_class = {name: count for name, count in spread.items() if count}
    workload = Workload(by_class, size / objects, others)
    copy_costs = _copy_costs(run, terms, workload)
    return RunPlan(run, terms, choices(workload, run, terms), copy_costs=copy_costs)


def _survey(target: Target, deployment: Deployment, run: RunInput, on_progress: Progress) -> Survey:
    store = open_store(target, run.bucket_name)
    action = "oss:ListObjectVersions" if run.versions == "all" else "oss:ListObjects"
    if run.manifest is None:
        with storage_errors(action, run.bucket_name):
            return survey_bucket(store, run, on_progress)
    bucket = run.manifest.bucket or deployment.report_bucket
    source = open_store(target, bucket)
    try:
        with storage_errors("oss:GetObject", bucket, run.manifest.key):
            return survey_manifest(store, source, run, on_progress)
    except InvalidInput as error:
        raise UsageError(str(error)) from error


def _workload(survey: Survey) -> Workload:
    extended = survey.extended
    requested = {
        name: survey.requested[name] for name in ARCHIVE_CLASSES if name in survey.requested
    }
    return Workload(
        objects={name: load.objects for name, load in requested.items()},
        billed_bytes={name: load.billed for name, load in requested.items()},
        readable={name: load.objects for name, load in extended.items()},
        readable_bytes={name: load.billed for name, load in extended.items()},
        others=survey.scanned - survey.objects,
        copies=dict(survey.copies),
    )
