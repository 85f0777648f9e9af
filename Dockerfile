# probity in an image: docker run --rm --volume "$PWD:/content:ro" probity check .
FROM rust:1.91.1-slim-bookworm AS build
WORKDIR /source
COPY . .
RUN cargo install --locked --path . --root /out

FROM debian:12.12-slim
# `--diff` asks git what changed.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin probity
COPY --from=build /out/bin/probity /usr/local/bin/probity
USER 10001:10001
WORKDIR /content
ENTRYPOINT ["probity"]
CMD ["--help"]
