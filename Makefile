# The book's commands. Each line is a plain command that can be typed by hand.
#   make book DEVICE=cuda     PYTHON=python3.12 make test

PYTHON ?= python3
DEVICE ?= $(or $(LSTM_LAB_DEVICE),cpu)
export LSTM_LAB_DEVICE := $(DEVICE)

ifeq (,$(filter cpu cuda mps auto,$(DEVICE)))
$(error DEVICE is $(DEVICE); expected cpu, cuda, mps or auto)
endif

PY := .venv/bin/python
INSTALLED := .venv/installed
HTML := _build/html
SCRIPTS := lstm_lab/explorers/static/*.js tests/browsers/*.js tools/lighthouse/*.mjs
FORMAT := DENO_NO_UPDATE_CHECK=1 .venv/bin/deno fmt --quiet --line-width 100

.PHONY: help book test study study-test install notebooks check format site-test browsers lighthouse pdf slides offline serve clean built device
.DEFAULT_GOAL := help

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-10s %s\n", $$1, $$2}' Makefile
	@echo 'DEVICE=cpu|cuda|mps|auto chooses where the notebooks run (now $(DEVICE)); PYTHON=... the Python.'

book: device ## run every notebook and build the site
	@rm -rf $(HTML)
	OMP_NUM_THREADS=1 .venv/bin/jupyter-book build . -W -n --keep-going --all
	$(PY) -m tools.study $(HTML)/study
	$(PY) -m tools.slides
	$(PY) -m tools.workshop $(HTML)/workshop
	@echo 'The book is built: open $(HTML)/index.html, or run "make serve".'

test: device ## unit tests, then every notebook against its stored outputs
	OMP_NUM_THREADS=1 $(PY) -m pytest -p no:nbval -q -rs -n auto
	OMP_NUM_THREADS=1 $(PY) -m pytest --nbval --nbval-current-env --nbval-kernel-startup-timeout 30 -n auto --dist loadfile chapters

notebooks: device ## run the notebooks and store them in the slim form
	$(PY) -m tools.notebooks run
	$(PY) -m ruff format chapters

study: $(INSTALLED) ## write study/: the chapters as plain notebooks, without answers in sight
	$(PY) -m tools.study

study-test: $(INSTALLED) ## run them, blank and with the solutions put in (STUDY=01,07 chooses)
	OMP_NUM_THREADS=1 $(PY) -m pytest -p no:nbval -q -n auto tests/study

check: $(INSTALLED) ## ruff, the scripts' form, import layers, the notebooks' form, links, workflows
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(FORMAT) --check $(SCRIPTS)
	.venv/bin/lint-imports --no-cache --no-logo
	$(PY) -m tools.notebooks check
	$(PY) -m tools.links
	$(PY) -m check_jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml

format: $(INSTALLED) ## put Python, notebooks and scripts into their form
	$(PY) -m ruff format
	$(FORMAT) $(SCRIPTS)

site-test: built ## in a browser: the explorers against PyTorch, then every built page
	$(PY) -m pytest -n auto -rs -m 'not alone' tests/browser tests/site
	$(PY) -m pytest -p no:nbval -q -m alone tests/browser tests/site

browsers: built ## one scenario in Chromium, Firefox and WebKit, whichever are here
	$(PY) -m pip install --quiet --disable-pip-version-check -r tests/browsers/requirements.txt
	$(PY) -m pytest -p no:nbval -q -rs -n auto --dist loadgroup tests/browsers

lighthouse: built ## Lighthouse's scores of every page, phone and desktop (needs Node.js; 20 minutes)
	cd tools/lighthouse && npm install --silent --no-audit --no-fund --no-package-lock && node scores.mjs ../../$(HTML)

pdf: built ## print the built book, and its cheat sheet on one page (needs a Chromium or Chrome)
	$(PY) -m tools.pdf
	$(PY) -m tools.sheet

slides: built ## make the slides anew (_build/html/slides; make book makes them too)
	$(PY) -m tools.slides

offline: built ## make a folder that needs no network: site, notebooks, wheels (1.5 GB)
	$(PY) -m tools.offline
	$(PY) -m pip install --quiet --disable-pip-version-check "uv>=0.9,<1" # resolves for other systems
	$(PY) -m tools.wheels $(WHEELS)

serve: ## show the built book on http://127.0.0.1:8000
	$(PY) -m http.server 8000 --bind 127.0.0.1 --directory $(HTML)

clean: ## remove what was built (the environment .venv stays)
	rm -rf _build .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

install: $(INSTALLED) ## make .venv and install requirements.txt

built: $(INSTALLED)
	@test -f $(HTML)/index.html || { echo 'The book is not built yet; make book comes first.'; $(MAKE) book; }

device: $(INSTALLED)
	@$(PY) -m lstm_lab python network device

$(INSTALLED): requirements.txt constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; ok = (3, 11) <= sys.version_info[:2] <= (3, 14); ok or print("This book needs Python 3.11 to 3.14, and $(PYTHON) is", sys.version.split()[0] + ". Name another one: make PYTHON=python3.12 ..."); sys.exit(not ok)'
	@$(PYTHON) -m venv .venv || { echo 'No environment could be made. On Debian and Ubuntu: apt install python3-venv. After a change of Python: rm -rf .venv, and again.'; exit 1; }
	@echo 'Installing into .venv; this takes a few minutes the first time.'
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $(INSTALLED)
