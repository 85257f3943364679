# For pipelines that run in containers: the project with everything installed, and its tools on the path.
#   docker build -t oss-restore .
#   docker run --rm -v "$PWD/environments:/oss-restore/environments" oss-restore cdktf synth
FROM python:3.12-slim-trixie
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates curl git make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /oss-restore
COPY . .
RUN make setup && rm -rf /root/.cache /root/.npm
ENV PATH=/oss-restore/.venv/bin:/oss-restore/node_modules/.bin:$PATH \
    CHECKPOINT_DISABLE=1
CMD ["oss-restore", "--help"]
