# Every target sets up what it needs; nothing is installed outside of this folder.
SHELL := /bin/sh
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# renovate: datasource=pypi depName=uv
UV_VERSION := 0.13.9
# renovate: datasource=pypi depName=cyclonedx-bom
CYCLONEDX_VERSION := 7.5.0
# One more than there are cores, since tests also wait for processes that they start.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(min(4, (os.cpu_count() or 1) + 1))')
# Seed of the tests' random order: the same everywhere, so that failures can be reproduced. SEED=default takes a new one.
SEED ?= 634722921
LOCALE := oss_restore/locale
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard $(LOCALE)/*/LC_MESSAGES/*.po))

# Terraform fails if this variable names a file that does not exist.
unexport TF_CLI_CONFIG_FILE
# Without bytecode, each of the many processes of a target would compile everything again.
unexport PYTHONDONTWRITEBYTECODE

# Programs that were set up here come first, as in the README's PATH.
export PATH := $(CURDIR)/$(BIN):$(CURDIR)/node_modules/.bin:$(PATH)

.PHONY: help setup rehearse vendors opentofu test soak check synth audit bench dist format lock modules schema messages freeze clean

help: ## show this text
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/.installed $(BIN)/terraform node_modules/.installed $(CATALOGUES) ## install everything into this folder

$(VENV)/.installed: requirements.lock overrides.txt pyproject.toml
	@$(PYTHON) tools/preflight.py
	@echo 'Set-up 1 of 4: a Python environment in $(VENV)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@echo "Set-up 2 of 4: $$(grep -c '==' requirements.lock) Python packages, from PyPI"
	@$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

# Only for programs that the machine does not have: Node for npm, and Terraform for cdktf.
$(BIN)/terraform: $(VENV)/.installed tools/toolchain.py tools/node.lock
	@echo 'Set-up 3 of 4: Node and Terraform, where the machine has none'
	@$(BIN)/python -m tools.toolchain

%.mo: %.po | $(VENV)/.installed
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

node_modules/.installed: package-lock.json package.json .npmrc | $(BIN)/terraform
	@echo 'Set-up 4 of 4: cdktf, from npm'
	@npm ci --no-progress --no-fund --no-audit --loglevel=error
	@touch $@

rehearse: setup ## thaw a bucket on the local cloud, deployed by the real CDKTF and Terraform
	@$(BIN)/oss-restore rehearse

VENDORS := tests/localcloud/oss/vendors

vendors: .vendors/.installed ## fetch the vendors' own clients and tests, which the tests run

.vendors/.installed: $(addprefix $(VENDORS)/,oss2.txt ali_oss/package.json ali_oss/package-lock.json java/pom.xml) | setup
	rm -rf .vendors/ali_oss .vendors/java .vendors/oss2-*
	$(BIN)/python -m tests.localcloud.oss.vendors.install
	touch $@

opentofu: .vendors/opentofu/tofu ## build OpenTofu with Go, so that the tests also deploy with it

# Its checksum is pinned here; its own go.mod and go.sum pin its dependencies, as in its releases.
.vendors/opentofu/tofu: tools/opentofu/go.mod tools/opentofu/go.sum
	go mod download -C tools/opentofu github.com/opentofu/opentofu
	CGO_ENABLED=0 go build -C "$$(go list -C tools/opentofu -m -f '{{.Dir}}' github.com/opentofu/opentofu)" \
		-trimpath -ldflags '-s -w -X github.com/opentofu/opentofu/version.dev=no' -o $(CURDIR)/$@ ./cmd/tofu

test: setup vendors ## run the tests, also with OpenTofu if it was built
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --durations 10 --randomly-seed $(SEED)

soak: setup vendors ## run the long tests, which take an hour or two
	$(BIN)/python -m pytest -m soak

check: setup ## lint, types, import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --python-version 3.10 functions thaw # the code that FC runs
	$(BIN)/lint-imports

synth: setup ## write cdktf.out/ for the environments in environments/
	cdktf synth

bench: setup ## measure and check the budgets, into build/bench.json (QUICK=1 for smaller sizes)
	$(BIN)/python -m tests.bench $(if $(QUICK),--quick)

dist: setup ## build the wheel, the source and the bills of materials of wheel and bundle, into dist/
	rm -rf dist build/dist
	$(BIN)/python -m hatchling build --directory dist
	$(BIN)/uv venv --quiet build/dist
	$(BIN)/uv pip install --quiet --python build/dist --constraints requirements.lock \
		--overrides overrides.txt dist/*.whl
	$(BIN)/uv tool run --quiet --from cyclonedx-bom==$(CYCLONEDX_VERSION) cyclonedx-py environment build/dist \
		--output-reproducible --output-file dist/sbom.cdx.json
	$(BIN)/uv tool run --quiet --from cyclonedx-bom==$(CYCLONEDX_VERSION) cyclonedx-py requirements \
		functions/requirements.lock --output-reproducible --output-file dist/functions.sbom.cdx.json

audit: setup ## check the locked packages for known vulnerabilities, if the databases can be reached
	$(BIN)/python -m tools.audit

format: setup ## rewrite the code in the project's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: ## update the lock files
	$(BIN)/uv pip compile --quiet pyproject.toml --group dev --all-extras --overrides overrides.txt \
		--generate-hashes --no-header --python-version 3.11 --universal -o requirements.lock
	$(BIN)/uv pip compile --quiet functions/requirements.in --overrides functions/overrides.txt \
		--generate-hashes --no-header --python-version 3.10 \
		--python-platform x86_64-manylinux_2_28 -o functions/requirements.lock
	$(BIN)/uv pip compile --quiet functions/build.in --generate-hashes --no-header -o functions/build.lock
	$(BIN)/uv pip compile --quiet tools/node.in --universal --generate-hashes --no-header -o tools/node.lock

modules: setup ## copy the modules of the console's page from node_modules/ into the package
	$(BIN)/python -m tools.page_modules

schema: setup ## write environments/schema.json
	$(BIN)/python -m infra.model.schema

messages: setup ## update the message catalogues; then translate the new messages
	mkdir -p build
	$(BIN)/pybabel --quiet extract --mapping pyproject.toml --keywords "N_ Phrase:1,1t Phrase:1,2" --no-wrap \
		--add-location file --sort-by-file --project oss-restore --output build/messages.pot .
	$(BIN)/pybabel --quiet update --domain oss_restore --input-file build/messages.pot \
		--output-dir $(LOCALE) --no-wrap --ignore-obsolete --ignore-pot-creation-date
	$(BIN)/pybabel --quiet compile --domain oss_restore --directory $(LOCALE)

freeze: setup ## save what this version deploys, for the upgrade tests (docs/releasing.md)
	$(BIN)/python -m tests.releases

clean: ## remove build results, keep what was installed
	rm -rf build cdktf.out
