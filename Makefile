# Every command sets up .venv on first use; PYTHON=python3.12 chooses the interpreter.

.DEFAULT_GOAL := help
.PHONY: help lab test book calibrate alignment bench faults mutants lint kernel clean \
    lock setup setup-lab

help:  # list the commands (`make` alone does this)
	@awk -F ':.*  # ' '/^[a-z]+:.*  # / { printf "make %-10s%s\n", $$1, $$2 }' Makefile

lab: setup-lab  # prepare the default run and open JupyterLab (LAB_ARGS=... is passed on to it)
	@.venv/bin/python -m aelatent lab $(LAB_ARGS)

test: setup  # run all tests, two at a time (TEST_ARGS="-n 0 -k store" is passed on to pytest)
	@.venv/bin/python -m pytest --numprocesses=2 --dist=loadfile $(TEST_ARGS)

book: setup  # execute all notebooks, build the site (RUN=name of a run, OUT=folder, PUBLISH=1)
	@.venv/bin/python tools/book.py $(if $(RUN),--run "$(RUN)") $(if $(OUT),--out "$(OUT)") $(if $(PUBLISH),--publish)

calibrate: setup-lab  # simulate how often the filament test errs (RUN=name of a run; an hour)
	@.venv/bin/python tools/calibrate.py "$(or $(RUN),portraits)"

alignment: setup-lab  # train on aligned and on free portraits, compare (20 minutes; ALIGNMENT_ARGS=...)
	@.venv/bin/python tools/alignment.py $(ALIGNMENT_ARGS)

bench: setup  # time each part and its reference in turns (BENCH_ARGS="training --quick")
	@.venv/bin/python tests/benchmarks $(BENCH_ARGS)

faults: setup  # kill, fill the disk, damage files: see that nothing is lost (FAULTS_ARGS=...)
	@.venv/bin/python tests/faults $(FAULTS_ARGS)

mutants: setup  # change the code at random places: do the tests notice? (MUTANTS_ARGS=...)
	@.venv/bin/python tools/mutants.py $(MUTANTS_ARGS)

lint: setup  # check code and notebooks with ruff
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .

kernel:  # compile the network of the page (OUT=file; needs Debian 12's clang 14 and lld)
	@$(CLANG) $(TO_WASM) -o "$(or $(OUT),$(NETWORK).wasm)" $(NETWORK).c
	@chmod a-x "$(or $(OUT),$(NETWORK).wasm)"

# Another version of clang makes other bytes of the same source: 14.0.6 made those in the repository.
CLANG := clang
NETWORK := aelatent/widgets/static/network
TO_WASM := --target=wasm32 -msimd128 -O3 -Wall -Werror -nostdlib -fno-builtin -Wl,--no-entry \
    -Wl,--import-memory -Wl,--export=__heap_base -Wl,-z,stack-size=16384 -Wl,--strip-all

clean:  # remove book/ and what the tools leave behind (keeps .venv and data/)
	@rm -rf book .book.tmp build .pytest_cache .ruff_cache .hypothesis
	@find . -name .venv -prune -o \( -name __pycache__ -o -name .ipynb_checkpoints \) -type d \
	    -prune -exec rm -rf {} +

lock:  # pin all packages anew: requirements-dev.lock, and of it what the lab needs (needs uv)
	@$(PIN) --upgrade --group dev --output-file requirements-dev.lock
	@$(PIN) --constraints requirements-dev.lock --output-file requirements.lock

PIN := PATH="$$PATH:.venv/bin" uv pip compile pyproject.toml --quiet --universal \
    --fork-strategy fewest --python-version 3.11 --no-annotate --no-header

setup: KIND := dev
setup-lab: KIND := lab
# Any Python from 3.6 up can start the set-up, which then looks for a suitable one (or says so).
setup setup-lab:
	@for python in python3 python3.13 python3.12 python3.11 "$(PYTHON)"; do \
	    if "$$python" -c "import sys; sys.exit(sys.version_info < (3, 6))" 2>/dev/null; then \
	        exec "$$python" tools/setup_env.py $(KIND); \
	    fi; \
	done; \
	echo "aelatent needs Python 3.11 to 3.13, but no python3 is on PATH: install one of them," \
	    "or name one with PYTHON=/path/to/python3.12." >&2; exit 1
