"""Writing the ledger of recurring revenue."""

from shared_apps.business.services.ledger import note_value, settle_ledger

__all__ = ["note_value", "settle_ledger"]
