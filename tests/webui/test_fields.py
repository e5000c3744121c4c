"""`{% field %}`: label, control, hint and error belong together, whatever the widget."""

from __future__ import annotations

import re

import pytest
from django import forms
from django.template import Context, Template

from webui.forms import AffixInput, Card, RadioCards, Segmented, SlugInput, StoaForm, Switch


class Sample(StoaForm):
    name = forms.CharField(label="Name", help_text="As customers read it")
    about = forms.CharField(label="About", widget=forms.Textarea, required=False)
    kind = forms.ChoiceField(label="Kind", choices=[("a", "A"), ("b", "B")])
    extras = forms.MultipleChoiceField(
        label="Extras", widget=forms.CheckboxSelectMultiple, choices=[("x", "X")], required=False
    )
    mode = forms.ChoiceField(
        label="Mode", widget=RadioCards, choices=[("now", Card("Instant", "At once", icon="zap")), ("later", "Later")]
    )
    scheme = forms.ChoiceField(label="Scheme", widget=Segmented, choices=[("l", "Light"), ("d", "Dark")])
    is_listed = forms.BooleanField(label="Listed", widget=Switch, required=False)
    agrees = forms.BooleanField(label="Agreed")
    price = forms.DecimalField(label="Price", widget=AffixInput(prefix="£"))
    slug = forms.CharField(label="Address", widget=SlugInput(source="id_name", suffix=".example"))
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


def draw(form: forms.BaseForm, name: str, options: str = "") -> str:
    return Template("{% load ui %}{% field bound " + options + " %}").render(Context({"bound": form[name]})).strip()


def test_label_hint_and_control_are_tied_by_their_ids():
    html = draw(Sample(), "name")

    assert '<label for="id_name">Name</label>' in html
    assert '<p class="hint" id="id_name_helptext">As customers read it</p>' in html
    assert 'class="input"' in html
    assert 'aria-describedby="id_name_helptext"' in html
    assert "aria-invalid" not in html


def test_an_error_is_named_by_the_control_and_keeps_what_was_typed():
    form = Sample({"name": "", "about": "Typed <b>"})

    assert 'aria-describedby="id_name_helptext id_name_error"' in draw(form, "name")
    assert 'aria-invalid="true"' in draw(form, "name")
    assert 'id="id_name_error"' in draw(form, "name")
    assert "Typed &lt;b&gt;" in draw(form, "about")


def test_of_what_is_wrong_the_first_has_the_focus_and_nothing_where_all_is_right():
    form = Sample({"name": "Ines", "kind": "c", "price": "much", "mode": "never"})

    focused = [name for name in form.fields if "autofocus" in draw(form, name)]

    assert {"kind", "mode", "price"} < set(form.errors)
    assert focused == ["kind"]
    assert not [name for name in form.fields if "autofocus" in draw(Sample(), name)]


def test_a_group_of_choices_that_is_the_first_wrong_one_takes_the_focus_as_a_whole():
    html = draw(Sample({"name": "Ines", "kind": "a", "mode": "never"}), "mode")

    assert re.search(r'<fieldset[^>]* tabindex="-1" autofocus>', html)


def test_a_template_may_replace_label_and_hint_and_add_a_class():
    html = draw(Sample(), "name", 'label="Title" hint="Short" class="span-2"')

    assert '<div class="field span-2">' in html
    assert '<label for="id_name">Title</label>' in html
    assert '<p class="hint" id="id_name_helptext">Short</p>' in html


def test_a_field_that_may_stay_empty_says_so():
    assert "(optional)" in draw(Sample(), "about")
    assert "(optional)" not in draw(Sample(), "name")
    assert "(optional)" not in draw(Sample(), "about", "optional=False")


@pytest.mark.parametrize("name", ["extras", "mode", "scheme"])
def test_a_group_of_choices_is_a_fieldset_with_a_legend(name):
    html = draw(Sample(), name)

    assert re.search(r"<fieldset class=\"field\">\s*<legend>", html)
    assert html.count("<label") == html.count("<input")


def test_a_heading_above_can_stand_for_the_legend_which_is_still_read_out():
    html = draw(Sample(), "mode", "titled=True")

    assert re.search(r"<fieldset class=\"field\">\s*<legend class=\"vh\">", html)


def test_cards_show_title_and_text_and_plain_labels_work_too():
    html = draw(Sample(), "mode")

    assert "<b>Instant</b>" in html
    assert "At once" in html
    assert "#zap" in html
    assert "<b>Later</b>" in html


def test_a_tick_stands_before_its_words_and_a_switch_after():
    tick, switch = draw(Sample(), "agrees"), draw(Sample(), "is_listed")

    assert tick.index("<input") < tick.index("Agreed")
    assert switch.index("Listed") < switch.index("<input")
    assert 'class="switch"' in switch


def test_what_is_fixed_beside_a_control_is_not_read_twice():
    assert '<span aria-hidden="true">£</span>' in draw(Sample(), "price")
    assert '<stoa-slug-field from="id_name">' in draw(Sample(), "slug")


def test_a_hidden_field_has_no_label():
    html = draw(Sample(), "secret")

    assert html == '<input type="hidden" name="secret" id="id_secret">'


def test_a_whole_form_is_drawn_by_the_same_tag_without_colons():
    html = str(Sample())

    assert '<label for="id_name">Name</label>' in html
    assert "Name:" not in html
    assert html.count('class="field"') == 10
    assert '<input type="hidden" name="secret" id="id_secret">' in html
