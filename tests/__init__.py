"""The tests, which never use the keys of whoever runs them."""

import os

# The official library reads these when it is imported, so they are set before anything else is.
for name in [name for name in os.environ if name.startswith("ALIBABA_CLOUD_")]:
    del os.environ[name]
os.environ["ALIBABA_CLOUD_CLI_PROFILE_DISABLED"] = "true"
os.environ["ALIBABA_CLOUD_CREDENTIALS_FILE"] = os.devnull
os.environ["ALIBABA_CLOUD_ECS_METADATA_DISABLED"] = "true"  # nor does it ask the machine for any
