# The production image of Warren. Without BuildKit's caches every build compiles all dependencies anew, so use BuildKit.
#
#   docker build -t warren .                                 for Trino, PostgreSQL and an object store
#   docker build -t warren --build-arg CARGO_FEATURES= .     with the embedded engine, too

# The same release as in rust-toolchain.toml.
ARG RUST_VERSION=1.95.0

FROM rust:${RUST_VERSION}-slim-bookworm AS build
ARG CARGO_FEATURES="--no-default-features"
WORKDIR /src
COPY . .
# The cached folders are not part of the image, so the program is copied out of them in the same step.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --locked --release --package warren ${CARGO_FEATURES} \
    && install -D target/release/warren /out/warren

FROM debian:bookworm-slim
# Warren trusts the certificates that the system trusts.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/warren --create-home --shell /usr/sbin/nologin warren
COPY --from=build /out/warren /usr/local/bin/warren
COPY deploy/ready.sh /usr/local/bin/warren-ready
USER warren
WORKDIR /var/lib/warren
# Beyond loopback Warren serves only callers with an API token: make one with `warren token create NAME` first.
ENV WARREN_LISTEN=0.0.0.0:8080 \
    WARREN_DATA_DIR=/var/lib/warren \
    WARREN_LOG_FORMAT=json
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=15s --retries=3 CMD ["warren-ready"]
ENTRYPOINT ["warren"]
CMD ["serve"]
