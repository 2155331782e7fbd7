# One command for each wish. `make` alone lists them.
.DEFAULT_GOAL := help
PYTHON ?= python3
UV := .tools/uv
BIN := .venv/bin
export UV_PYTHON_DOWNLOADS = never
export UV_NO_PROGRESS ?= $(if $(CI),1,0)

.PHONY: help run install test slow browser postgres check fix bench messages clean

help: ## list the wishes
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

run: install ## start Focal (Ctrl-C stops it)
	@exec $(BIN)/focal serve

install: .venv/.installed ## make only the environment, with .venv/bin/focal in it

$(UV): tools/get_uv.py
	@$(PYTHON) tools/get_uv.py
	@touch -h $(UV)

.venv/.installed: uv.lock pyproject.toml $(UV)
	@$(UV) sync --frozen --inexact --python $(PYTHON)
	@touch $@

.venv/.installed-dev: uv.lock pyproject.toml $(UV)
	@$(UV) sync --frozen --inexact --python $(PYTHON) --group dev
	@touch $@ .venv/.installed

.venv/.installed-bench: .venv/.installed-dev
	@$(UV) sync --frozen --inexact --python $(PYTHON) --group dev --group bench
	@touch $@

.tools/verapdf: tools/verapdf/pom.xml # the judge of PDF/UA and PDF/A (needs Debian's default-jdk-headless and maven)
	@mvn -q -B -f $< dependency:copy-dependencies -DoutputDirectory=$(CURDIR)/$@ && touch $@

test: .venv/.installed-dev ## the default suite, under two minutes
	@$(BIN)/python -m tests

browser: .venv/.installed-dev ## the browser suite (needs Debian's chromium)
	@$(BIN)/python -m tests browser

slow: .venv/.installed-dev ## the tests that start the whole platform
	@$(BIN)/python -m tests slow

postgres: .venv/.installed-dev ## the default suite on FOCAL_TEST_POSTGRES_URL
	@$(BIN)/python -m tests postgres

check: .venv/.installed-dev ## style, types, floors of the house, migrations
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(BIN)/mypy
	@FOCAL_DATA=$$(mktemp -d) $(BIN)/python manage.py makemigrations --check --dry-run
	@FOCAL_DATA=$$(mktemp -d) $(BIN)/python manage.py check --fail-level WARNING

fix: .venv/.installed-dev ## put style right
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: .venv/.installed-bench ## measure; writes bench/results/latest.json
	@$(BIN)/python -m bench

clean: ## remove the environment (data in var/ stays)
	rm -rf .venv .tools

messages: .venv/.installed-dev ## gather the sentences to translate, compile translations (needs GNU gettext)
	@FOCAL_DATA=$$(mktemp -d) $(BIN)/python manage.py makemessages --no-obsolete --add-location=file --ignore=.venv --ignore=.tools --ignore=tests --ignore=bench --ignore=var $(foreach language,sq bs bg hr el mk ro sl sr sr_Latn tr,-l $(language)) -v0
	@FOCAL_DATA=$$(mktemp -d) $(BIN)/python manage.py compilemessages --ignore=.venv -v0
