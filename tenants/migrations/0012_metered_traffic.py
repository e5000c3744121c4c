"""Calls of programs and letters among what is counted of tenants; code before it goes on writing rows without them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0011_tenant_plan_version")]
    operations = [
        migrations.AddField(model_name=model, name=name, field=models.BigIntegerField(db_default=0, default=0))
        for model in ("trafficbucket", "traffictotal")
        for name in ("api_calls", "mails")
    ]
