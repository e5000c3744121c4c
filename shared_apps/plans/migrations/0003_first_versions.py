"""What a plan said in its own columns becomes its version 1, which every organization is on from `tenants.0011` on."""

from django.db import migrations

FORWARD = """
INSERT INTO plans_planversion (plan_id, number, entitlements, trial_days, note, created_at, published_at, revision)
SELECT id, 1, entitlements, trial_days, '', now(), now(), 1 FROM plans_plan WHERE current_id IS NULL
ON CONFLICT (plan_id, number) DO NOTHING;
INSERT INTO plans_planprice (version_id, currency, interval, amount_minor)
SELECT v.id, p.currency, 'month', p.price_minor FROM plans_plan p JOIN plans_planversion v ON v.plan_id = p.id AND v.number = 1
WHERE p.current_id IS NULL ON CONFLICT (version_id, currency, interval) DO NOTHING;
UPDATE plans_plan p SET current_id = v.id FROM plans_planversion v
WHERE v.plan_id = p.id AND v.number = 1 AND p.current_id IS NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("plans", "0002_versions")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
