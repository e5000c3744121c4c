"""A letter to send, as short as one can be."""

from __future__ import annotations

from tenant_apps.notifications.types import Action, Letter, Row, Template


def letter(**fields) -> Letter:
    values = {
        "template": Template.MEMBER_INVITED,
        "subject": "Join Twin Market",
        "preheader": "A place for you.",
        "heading": "Hello <Ada>",
        "paragraphs": ("First & last.", "Second."),
        "button": Action("Accept", "http://alpha.localhost/join/x/"),
        "rows": (Row("Price", "£96", is_total=True),),
        "quote": "See you; bring a <b>bucket</b>.",
        "footnote": "Until Friday.",
    }
    return Letter(**(values | fields))
