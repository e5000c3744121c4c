"""What is compared is told in people's words."""

from __future__ import annotations

from provisioning.archives.kinds import KINDS
from provisioning.archives.kinship import model_of
from provisioning.archives.records import is_read
from provisioning.field_words import FIELD_WORDS


def test_each_field_of_a_record_has_a_name_that_people_use():
    fields = [field for kind in KINDS for field in model_of(kind.table)._meta.concrete_fields if is_read(kind.table, field)]

    unsaid = {str(field.column) for field in fields} - FIELD_WORDS.keys()

    assert len(fields) > 50
    assert unsaid == set()
