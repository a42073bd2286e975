# Everything a developer runs. `make` alone lists it.
.DEFAULT_GOAL := help
.PHONY: help setup programs demo test test-interop test-api test-permissions check bench bench-api bench-changes bench-events bench-permissions asyncapi
.PHONY: fuzz-api fuzz-api-short matrix
.PHONY: crossing soak soak-short clean

BIN := .venv/bin
# More arguments, for example: make test ARGS="-k registrar"
ARGS ?=
# Length of `make soak-short`, and of `make soak` (30 minutes), in seconds.
SOAK_S ?= 1800
SOAK_SHORT_S ?= 60

help:  ## List these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: .venv/installed  ## Make .venv with the locked dependencies (needs Python 3.11 or newer)

.venv/installed: uv.lock pyproject.toml .ci/setup
	@.ci/setup
	@touch $@

demo: setup  ## One call rings three phones of one agent, live in the terminal
	@$(BIN)/switchroom demo $(ARGS)

test: setup  ## Run the tests; those that need PostgreSQL only where it is installed
	@.ci/programs postgresql:pg_ctlcluster
	@$(BIN)/pytest -rs --ignore=tests/api --ignore=tests/interop $(ARGS)

test-interop: setup  ## Calls with real programs, and kill -9: SIPp, baresip, sipsak, PostgreSQL
	@.ci/programs sip-tester:sipp baresip:baresip sipsak:sipsak postgresql:pg_ctlcluster
	@$(BIN)/pytest -rs tests/interop $(ARGS)

test-api: setup  ## The authorization matrix, attacks and probes over every operation of the API
	@$(BIN)/pytest -rs tests/api $(ARGS)

test-permissions: setup  ## The random searches of permissions, twenty times as long: about half an hour
	@SWITCHROOM_SEARCH=20 $(BIN)/pytest -q tests/unit/permissions tests/properties/test_permission_*.py $(ARGS)

check: setup  ## Style, types, who may import whom, sizes, docs, lock file
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/uv lock --check --quiet
	@$(BIN)/pytest -q tests/architecture

bench: setup  ## Calls per second and CPU for rings of 1, 3 and 10, beside Kamailio
	@.ci/programs kamailio:kamailio
	@$(BIN)/python -m bench.run $(ARGS)

bench-api: setup  ## A guarded GET against the same route and query without session and permission
	@$(BIN)/python -m bench.api $(ARGS)

fuzz-api: setup  ## schemathesis over the API as every built-in role: about half an hour
	@SWITCHROOM_SEARCH=10 $(BIN)/pytest -q tests/fuzz/fuzz_api.py $(ARGS)

fuzz-api-short: setup  ## The same with few cases: three minutes
	@$(BIN)/pytest -q tests/fuzz/fuzz_api.py $(ARGS)

matrix: setup  ## Write the authorization matrix anew, to be reviewed as a diff
	@cd tests && PYTHONPATH=../src:. ../$(BIN)/python -m api.matrix

bench-permissions: setup  ## Permission checks, lists and compiling as ratios, beside Cedar and Casbin
	@$(BIN)/python -m bench.permissions $(ARGS)

crossing: setup  ## 10 000 calls that all phones answer at once; one dialog may be left in each
	@$(BIN)/python -m bench.crossing $(ARGS)

bench-events: setup  ## Events to 1000 sockets, beside a broadcast that checks nothing
	@$(BIN)/python -m bench.events $(ARGS)

bench-changes: setup  ## How long SIP waits while the configuration of 5000 agents is changed
	@$(BIN)/python -m bench.changes $(ARGS)

asyncapi: setup  ## Write docs/asyncapi.json anew from the code
	@$(BIN)/python -c "from switchroom.app.asyncapi import document; print(document(), end='')" \
		> docs/asyncapi.json

soak: setup  ## Calls of mixed fate for 30 minutes; afterwards every table must be empty
	@$(BIN)/python -m bench.soak --seconds $(SOAK_S) $(ARGS)

soak-short: setup  ## The same for a minute
	@$(BIN)/python -m bench.soak --seconds $(SOAK_SHORT_S) $(ARGS)

clean:  ## Remove what was built; the virtual environment too
	rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
