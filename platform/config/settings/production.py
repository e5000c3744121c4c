"""A real deployment: everything comes from the environment (.env.example), files live in an S3-compatible store."""

from config import env
from config.settings.base import *  # noqa: F403  # settings are star-imported by design
from config.settings.base import STORAGES

STORAGES = STORAGES | {
    "default": {
        "BACKEND": "tenants.storage.TenantS3Storage",
        "OPTIONS": {
            "bucket_name": env.text("S3_BUCKET"),
            "endpoint_url": env.text("S3_ENDPOINT_URL", "") or None,
            "region_name": env.text("S3_REGION", "") or None,
            "access_key": env.text("S3_ACCESS_KEY"),
            "secret_key": env.text("S3_SECRET_KEY"),
            "querystring_expire": 300,
            "file_overwrite": False,
        },
    }
}

# A superuser passes every wall: a deployment signs in as an ordinary login (docs/how-to/database-roles.md).
REFUSE_POWERFUL_LOGIN = True
