# Build:  docker build -t journal-club .
#
# torch comes as a build for NVIDIA cards by default on x86-64, several gigabytes of which a CPU
# uses nothing. For the small build pass the address of the PyTorch project's own package index
# for CPU, which its "Get started" page names:
#   docker build --build-arg TORCH_INDEX_URL=<that address> -t journal-club .

FROM python:3.11-slim-bookworm AS builder
ARG TORCH_INDEX_URL=""
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/journal-club
ENV PATH=/opt/journal-club/bin:$PATH
WORKDIR /build

# The libraries first, the project last: a change of our code rebuilds only the last layer.
COPY constraints.txt pyproject.toml ./
RUN pip install --no-deps -c constraints.txt ${TORCH_INDEX_URL:+--index-url "$TORCH_INDEX_URL"} torch
RUN python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" > requirements.txt \
    && pip install -c constraints.txt -r requirements.txt
COPY LICENSE README.md ./
COPY index index
COPY ingest ingest
COPY service service
RUN pip install --no-deps .

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --user-group --create-home reader \
    && install -d -o reader -g reader /data
COPY --from=builder /opt/journal-club /opt/journal-club
# A model other than the packaged one is downloaded into the volume, not into the container.
ENV PATH=/opt/journal-club/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HF_HOME=/data/models \
    JOURNALCLUB_DATA=/data \
    JOURNALCLUB_HOST=0.0.0.0 \
    JOURNALCLUB_PORT=8000
USER 10001
WORKDIR /home/reader
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "from urllib.request import ProxyHandler, build_opener as o; o(ProxyHandler({})).open('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["journalclub", "serve"]
