from django.db import migrations, models

# A name with a final dot was never found by any request, so that nothing is lost with its row.
_FORGET = "DELETE FROM tenants_domain WHERE host !~ '^[a-z0-9_-]+(\\.[a-z0-9_-]+)*$'"


class Migration(migrations.Migration):
    dependencies = [("tenants", "0003_schema_base")]
    # The version before writes what is forbidden here by mistake only: it is to fail with it, and not to make a second name.
    expansion = "tenants.0003_schema_base"

    operations = [
        migrations.AlterField(
            model_name="domain",
            name="state",
            field=models.CharField(
                choices=[("verified", "Answered for, no certificate seen"), ("live", "Live")], default="verified", max_length=16
            ),
        ),
        migrations.RunSQL(_FORGET, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="domain",
            constraint=models.CheckConstraint(
                condition=models.Q(("host__regex", "^[a-z0-9_-]+(\\.[a-z0-9_-]+)*$")), name="domain_host_canonical"
            ),
        ),
    ]
