"""The environment file for a deployment to a local cloud."""

from __future__ import annotations

from pathlib import Path

import yaml

from infra.model.generations import Generation
from oss_restore.clients.target import LocalEndpoints


def write_environment(
    workdir: Path,
    endpoints: LocalEndpoints,
    *,
    name: str,
    bucket: str,
    generation: Generation = 2,
) -> Path:
    """Write an environment file, and return its folder.

    It differs from a usual one in its endpoints and limits.

    Args:
        workdir: folder for the environments folder and Terraform's state.
        endpoints: endpoints of the local cloud.
        name: name of the environment.
        bucket: bucket whose objects its runs may thaw.
        generation: generation of Function Compute.
    """
    document = {
        "name": name,
        "account": endpoints.account_id,
        "region": endpoints.region,
        "generation": generation,
        "buckets": [{"name": bucket}],
        "report": {"endpoint": endpoints.oss},
        # A few processes replace many instances, and so should not be limited in speed.
        "limits": {"objects_per_second": 100_000, "steps_per_second": 10_000},
        "backend": {"local": {"path": str(workdir / "terraform.tfstate")}},
        "provider": {
            "protocol": "HTTP",
            "endpoints": {
                product: getattr(endpoints, product)
                for product in ("fc", "fnf", "oss", "ram", "sts")
            },
        },
    }
    folder = workdir / "environments"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
    return folder
