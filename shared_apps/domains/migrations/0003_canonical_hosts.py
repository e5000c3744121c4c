from django.db import migrations, models

# Such a name was answered for by nobody; whoever wants it claims it in its one form.
_END = """
    UPDATE domains_customdomain SET host = rtrim(lower(host), '.'), state = 'released', release_reason = 'operator', released_at = now()
    WHERE host !~ '^[a-z0-9_-]+(\\.[a-z0-9_-]+)*$'
"""


class Migration(migrations.Migration):
    dependencies = [("domains", "0002_second_looks"), ("tenants", "0004_canonical_hosts")]
    # As there: what the version before could write by mistake is to fail.
    expansion = "domains.0002_second_looks"

    operations = [
        migrations.RunSQL(_END, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="customdomain",
            constraint=models.CheckConstraint(
                condition=models.Q(("host__regex", "^[a-z0-9_-]+(\\.[a-z0-9_-]+)*$")), name="custom_domain_host_canonical"
            ),
        ),
    ]
