# One image for web and worker. Built by users; our tests have no container engine.
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY src src
RUN python -m venv /app && /app/bin/pip install --no-cache-dir -c constraints.txt .

FROM python:3.13-slim
# pg_dump, for `overdeliver backup` with PostgreSQL.
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --create-home overdeliver \
    && install -d -o overdeliver -g overdeliver /data
COPY --from=build /app /app
USER overdeliver
ENV PATH=/app/bin:$PATH OVERDELIVER_DATA=/data OVERDELIVER_LOG=json PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["overdeliver", "serve", "--host", "0.0.0.0", "--port", "8000"]
