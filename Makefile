.PHONY: install demo test check bench serve deploy lock clean
.ONESHELL:
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

PYTHON ?= python3
VENV := .venv
DANCU := $(VENV)/bin/dancu

install: $(VENV)/.installed  ## builds .venv with the program dancu in it

$(VENV)/.installed: pyproject.toml requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "dancu needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV) || { echo "python3 lacks its venv module: on Debian and Ubuntu, apt install python3-venv"; exit 2; }
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

demo: install  ## sample registers through a whole night
	$(VENV)/bin/python -m samples.demo

test: install  ## every test: unit, integration, flows, acceptance; a process a core, each with servers of its own
	$(VENV)/bin/python -m pytest --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

check: install  ## style, types, rooms, generated docs
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/python -m expectations.rules_page --check
	$(VENV)/bin/python -m dancu.data_dictionary --check
	$(VENV)/bin/python -m registry.cards.life_page --check

bench: install  ## the whole run beside its floor and its peer
	$(VENV)/bin/python -m benchmarks.nightly

serve: install  ## Prefect server, worker, deployments and the report site on loopback
	$(DANCU) serve

deploy: install  ## registers the deployments and the automation with the Prefect server in PREFECT_API_URL
	: "$${PREFECT_API_URL:?is not set: the address of the Prefect server, such as http://127.0.0.1:4200/api}"
	export DANCU_CODE="$${DANCU_CODE:-$(CURDIR)}"  # this folder, as the worker's machine calls it
	$(VENV)/bin/prefect work-pool inspect dancu > /dev/null 2>&1 || $(VENV)/bin/prefect work-pool create dancu --type process
	$(VENV)/bin/prefect --no-prompt deploy --prefect-file deployment.yaml --all
	$(VENV)/bin/prefect automation inspect 'dancu: cards are owed' > /dev/null 2>&1 || $(VENV)/bin/prefect automation create --from-file automation.json

lock:  ## the hashed lock, without index addresses
	$(VENV)/bin/pip install --quiet uv
	$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --no-header --extra dev pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) var
