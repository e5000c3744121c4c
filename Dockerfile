# One image for every process; docker-compose.yml says which command each runs.
FROM python:3.12-slim AS build
RUN pip install --no-cache-dir "uv>=0.9"
WORKDIR /app
COPY requirements/base.txt requirements/otel.txt requirements/
RUN uv venv /venv && uv pip sync --require-hashes --no-build --python /venv/bin/python requirements/base.txt
# With --build-arg WITH_OTEL=1 the image can send traces (docs/how-to/health.md).
ARG WITH_OTEL=
RUN test -z "$WITH_OTEL" || uv pip install --require-hashes --no-build --python /venv/bin/python --requirement requirements/otel.txt

FROM python:3.12-slim
RUN useradd --system --uid 10001 --home-dir /app stoa
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app:/app/platform PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=config.settings.production STATIC_ROOT=/app/staticfiles \
    THEME_CACHE_DIR=/tmp/stoa-themes
WORKDIR /app
COPY --from=build /venv /venv
COPY manage.py ./
COPY platform platform
COPY tenants tenants
COPY shared_apps shared_apps
COPY tenant_apps tenant_apps
COPY provisioning provisioning
COPY themes themes
# Processes run as somebody who can write nothing here: what is not compiled now would be anew at each of their starts.
# Nothing changes in an image, so nobody need look at times, which copying a layer may change.
RUN python -m compileall -q --invalidation-mode=unchecked-hash \
    /venv/lib manage.py platform tenants shared_apps tenant_apps provisioning themes
# Collecting needs settings, not servers: these values are for this one command and in no layer's environment.
RUN SECRET_KEY=collectstatic DATABASE_URL=postgresql://none REDIS_URL=redis://none S3_BUCKET=none S3_ACCESS_KEY=none S3_SECRET_KEY=none \
    python manage.py collectstatic --noinput --verbosity=0 && chown -R stoa /app/staticfiles
USER stoa
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--worker-class=gthread", "--threads=8", "--workers=2", "--no-control-socket"]
