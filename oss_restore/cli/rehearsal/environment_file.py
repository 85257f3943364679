"""The environment file of a deployment into a local cloud."""

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

    It differs from a real one in its endpoints and in its pace.

    Args:
        workdir: where the folder goes, and Terraform's state.
        endpoints: of the local cloud.
        name: of the environment.
        bucket: that its runs may thaw objects in.
        generation: of Function Compute.
    """
    document = {
        "name": name,
        "account": endpoints.account_id,
        "region": endpoints.region,
        "generation": generation,
        "buckets": [{"name": bucket}],
        "report": {"endpoint": endpoints.oss},
        # A few processes do here what many instances do in the cloud: each as fast as it can.
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
