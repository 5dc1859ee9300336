# make run     installs what is missing and starts everything on 127.0.0.1
# make test    installs what is missing and runs every test; make test ONLY=tests/voice for some
# make lint    style, types, arrows between the rooms, flows, catalogues
# make bench   figures, a line each; make bench ONLY=turn for some
# make year     a simulated year of 2,000 patients and its report; SEED=2 PATIENTS=200 DAYS=90 for others
# make lock    compiles the pinned requirements anew; UPGRADE=1 takes newer releases
# make format  lets ruff lay the code out

MAKEFLAGS += --no-print-directory
export VENV ?= .venv
BIN := $(VENV)/bin
# Two at a time: the machine this is built for has two cores, and a browser wants one.
WORKERS ?= 2

.PHONY: run test lint bench year lock format install install-dev

run: install
	@exec $(BIN)/python -m deploy.run

install:
	@python=$$(deploy/find_python) && exec "$$python" -m deploy.install --venv $(VENV)

install-dev:
	@python=$$(deploy/find_python) && exec "$$python" -m deploy.install --venv $(VENV) --dev

test: install-dev
	@deploy/browser || true
	@deploy/servers || true
	@exec $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(ONLY)

bench: install-dev
	@deploy/servers || true
	@exec $(BIN)/python -m tests.bench $(ONLY)

year: install-dev
	@SEED=$(or $(SEED),1) PATIENTS=$(or $(PATIENTS),2000) DAYS=$(or $(DAYS),366) VISITS=$(or $(VISITS),3) \
		$(BIN)/python -m tests.year

lint: install-dev
	@exec deploy/lint

format: install-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: install-dev
	UPGRADE=$(UPGRADE) deploy/lock
