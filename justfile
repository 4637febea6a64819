# What CI runs, and what a contributor needs. https://just.systems

default:
    @just --list

# Everything that CI runs
check:
    .ci/run

# Seconds: the model without tables and charts
quick:
    cargo test --release --no-default-features

# The house rules only
tidy:
    cargo test --release --no-default-features --test tidy

# Format in place
fmt:
    cargo fmt

# Run the baseline
baseline *ARGS:
    cargo run --release -- run scenarios/baseline.yaml {{ARGS}}

# Kernels against their scalar oracles
bench:
    cargo bench --bench kernels

# Documentation of the library
docs:
    cargo doc --no-deps --open
