"""The letters about bookings: what both sides are told when something happens, in the language that is active."""

from tenant_apps.bookings.selectors.letters.links import letter_with_links, letter_with_new_link
from tenant_apps.bookings.selectors.letters.to_customers import letter_to_customer
from tenant_apps.bookings.selectors.letters.to_owners import letter_to_owner
from tenant_apps.bookings.selectors.letters.to_providers import letter_to_provider

__all__ = ["letter_to_customer", "letter_to_owner", "letter_to_provider", "letter_with_links", "letter_with_new_link"]
