# make demo: everything from a fresh machine to a report. make test: the whole suite. See `make help`.
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
BUILD := swift build -c release --static-swift-stdlib --explicit-target-dependency-import-check error
INPUT ?= fixtures/cohort
RECIPE ?= $(if $(filter fixtures/cohort,$(INPUT)),recipes/ct-lung-nodule.yaml)
OUT ?= demo-out
LUMEN := .build/release/lumen

.PHONY: help setup build demo test check bench conformance identity malformed fuzz oracles fixtures model format

help: ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## Install the libraries that Debian provides (does nothing when they are there)
	@scripts/setup.sh

build: setup ## Release build of the command
	@$(BUILD) --product lumen 2>&1 | scripts/quiet.sh

demo: build ## Measure the fixture cohort (or INPUT=folder) and open the report's path
	@$(LUMEN) run $(INPUT) $(if $(RECIPE),--recipe $(RECIPE)) --out $(OUT); \
	status=$$?; [ $$status -eq 0 ] || [ $$status -eq 3 ]

test: setup ## The whole suite, optimised, warnings as errors
	@LUMEN_STRICT=1 swift test -c release --scratch-path .build-test \
	  --explicit-target-dependency-import-check error

check: setup ## Before every commit: format, warnings, architecture and fast tests
	@swift format lint --strict --recursive --parallel Sources Tests Tools Benchmarks/Sources Package.swift
	@LUMEN_STRICT=1 swift test -c release --scratch-path .build-test --skip 'Demo|Batch' \
	  --explicit-target-dependency-import-check error

bench: setup ## Time the kernels beside SciPy, SimpleITK and OpenCV in one run
	@Benchmarks/run.sh

conformance: build ## Score against the reference data: n of n
	@scripts/conformance.sh

identity: build ## Measure 100000 values with builds for every instruction set this processor has: the same bits
	@LUMEN_CPU= $(BUILD) --product lumen --scratch-path .build-x86-64 2>&1 | scripts/quiet.sh
	@! grep -qw avx512vl /proc/cpuinfo || \
	  LUMEN_CPU=x86-64-v4 $(BUILD) --product lumen --scratch-path .build-x86-64-v4 2>&1 | scripts/quiet.sh
	@python3 scripts/bit_identity.py $(LUMEN) $$(ls .build-x86-64*/release/lumen)

malformed: build ## Cut and damage every file of the corpora (tens of thousands), each given to the release build
	@python3 Tests/Fuzz/malformed.py $(LUMEN) fixtures $${LUMEN_REFERENCE:-../shared/reference}/dicom

fuzz: setup ## Fuzz the readers, RUNS=2000000 executions a target (TARGETS="png nifti" for some)
	@Tests/Fuzz/run.sh $(or $(RUNS),2000000) $(TARGETS)

oracles: setup ## Write the table of who checked each value, and its page, anew
	@LUMEN_WRITE_ORACLES=1 swift test -c release --scratch-path .build-test --filter OracleRegistryTests

fixtures: setup ## Make fixtures/ anew (the same bytes every time)
	@$(BUILD) --product make-fixtures 2>&1 | scripts/quiet.sh
	@.build/release/make-fixtures fixtures

model: build ## Train the demonstration model anew on the fixture cohort
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && sed '/^diagnose/d' recipes/ct-lung-nodule.yaml > $$dir/recipe.yaml && \
	{ $(LUMEN) run fixtures/cohort --recipe $$dir/recipe.yaml --out $$dir/out 2>/dev/null || [ $$? -eq 3 ]; } && \
	$(LUMEN) train $$dir/out/features.csv --labels fixtures/cohort-labels.csv --positive heterogeneous --features 3 \
	  -o recipes/models/ct-lung-nodule.json

format: ## Format every source file
	@swift format --in-place --recursive --parallel Sources Tests Tools Benchmarks/Sources Package.swift
