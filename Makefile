# What a person or CI wants of this repository; `make` alone lists it.

TOOLS := $(CURDIR)/.tools
# Where the tests and the demo look first; tests/tools/install.sh puts them there.
WITH_TOOLS := CAREBUS_NATS_SERVER=$(TOOLS)/nats-server CAREBUS_TEST_PYTHON=$(TOOLS)/venv/bin/python
# CI passes --locked.
CARGO_FLAGS ?=
# Passed on to the demo and the benchmark: make demo ARGS=--help
ARGS ?=
# Also found when it is not in PATH: cargo install cargo-deny --locked --root .tools/cargo
DENY := $(shell PATH="$(TOOLS)/cargo/bin:$$PATH" command -v cargo-deny)

.PHONY: help demo test torture lint bench otlp clean-tools

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## a clinic in a terminal: installs nats-server, builds, runs `carebus demo`
	tests/tools/install.sh
	$(WITH_TOOLS) cargo run $(CARGO_FLAGS) --release -p cli --bin carebus -- demo $(ARGS)

test: ## every test, against a real nats-server and a real SMTP server
	tests/tools/install.sh tests
	$(WITH_TOOLS) cargo test $(CARGO_FLAGS) --workspace

torture: ## the long rings: 100 000 seeded histories; 1 000 kills, 500 damages, 200 power cuts, faults of a minute
	tests/tools/install.sh tests
	cargo run $(CARGO_FLAGS) --release -p tests --bin histories -- 10000 110000
	$(WITH_TOOLS) CAREBUS_KILLS=1000 cargo test $(CARGO_FLAGS) --workspace --test kill -- --nocapture
	$(WITH_TOOLS) CAREBUS_CUTS=200 CAREBUS_DAMAGES=500 CAREBUS_FAULT_SECONDS=60 \
		cargo test $(CARGO_FLAGS) --workspace --test faults -- --nocapture
	CAREBUS_DAMAGES=500 cargo test $(CARGO_FLAGS) --workspace --test checkpoint

lint: ## what CI denies: formatting, clippy, rustdoc, and cargo-deny if it is installed
	cargo fmt --all --check
	cargo clippy $(CARGO_FLAGS) --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc $(CARGO_FLAGS) --workspace --no-deps
ifeq ($(DENY),)
	@echo "lint: cargo-deny is not installed; tests/tests/house holds the bans, the licences went unchecked"
else
	$(DENY) --workspace check bans licenses sources
endif

bench: ## how fast, how large: `carebus bench` in release; ARGS=--quick takes a minute
	tests/tools/install.sh
	$(WITH_TOOLS) cargo run $(CARGO_FLAGS) --release -p cli --bin carebus -- bench $(ARGS)

otlp: ## does a carebus with the feature otel send its decisions to a collector? Not part of `make test`
	tests/tools/install.sh otlp
	cargo clippy $(CARGO_FLAGS) -p cli --all-targets --features otel -- -D warnings
	cargo build $(CARGO_FLAGS) -p cli --features otel --target-dir target
	PYTHONPATH=$(TOOLS)/otlp python3 tests/tools/check_otlp.py target/debug/carebus $(TOOLS)/nats-server

clean-tools: ## removes what tests/tools/install.sh installed
	rm -rf $(TOOLS)
