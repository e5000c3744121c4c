"""Theme packages on disk: what they inherit, and that every breach of the contract is named with file, key and cure."""

from __future__ import annotations

import pytest
from django.utils import translation

from tests.themes.package_factory import write_package
from themes.engine.errors import PackageError, SectionSettingsError, TokenError, UnknownPackageError
from themes.engine.packages import (
    OPEN_TEMPLATES,
    forget_packages,
    get_package,
    installed_ids,
    usable_packages,
)
from themes.engine.sections import MOST_SETTINGS

SHIPPED = ("base", "campus", "fresh", "noir")


def test_the_shipped_packages_keep_the_contract():
    assert tuple(package.id for package in usable_packages()) == SHIPPED
    for package_id in SHIPPED:
        package = get_package(package_id)
        assert package.storefront[0] == "hero"
        assert package.resolve_tokens({}).motif != "none"
        assert set(package.storefront) <= set(package.sections)


def test_a_package_inherits_what_it_does_not_say():
    fresh, base = get_package("fresh"), get_package("base")

    assert [package.id for package in fresh.chain()] == ["fresh", "base"]
    assert fresh.sections["hero"] == base.sections["hero"]
    assert fresh.storefront != base.storefront
    assert fresh.template_folders == (fresh.folder / "templates", base.folder / "templates")


def test_a_child_of_a_child_takes_the_nearest_word_and_every_stylesheet(packages_folder):
    write_package(packages_folder, "mint", extends="fresh", more='[tokens]\nbrand = "#00aa77"', css="@layer theme{}")

    mint = get_package("mint")

    assert mint.resolve_tokens({}).brand == "#00aa77"
    assert mint.resolve_tokens({}).motif == "bubbles"
    assert mint.stylesheets == ((mint.digest, "fresh"), (mint.digest, "mint"))
    assert mint.body_class == "theme-mint theme-fresh"
    assert get_package("base").stylesheets == ()


def test_a_tenants_values_win_over_the_packages():
    tokens = get_package("fresh").resolve_tokens({"brand": "#123456"})

    assert tokens.brand == "#123456"
    assert tokens.accent == "#ffb84c"


def test_what_a_package_locks_an_owner_cannot_change(packages_folder):
    write_package(packages_folder, "uni", more='[tokens]\nfont_heading = "newsreader"\n[locked]\ntokens = ["font_heading"]')
    write_package(packages_folder, "faculty", extends="uni")

    for package_id in ("uni", "faculty"):
        assert get_package(package_id).resolve_tokens({"font_heading": "inter", "radius": 3}).font_heading == "newsreader"
        assert get_package(package_id).resolve_tokens({"radius": 3}).radius == 3


def test_a_tenants_wrong_value_is_refused():
    with pytest.raises(TokenError):
        get_package("fresh").resolve_tokens({"radius": 99})


@pytest.mark.parametrize("package_id", ["gone", "", "..", "../fresh", "Fresh", "fresh/", "fresh\x00", "a"])
def test_a_package_that_is_not_installed_is_unknown(package_id):
    with pytest.raises(UnknownPackageError):
        get_package(package_id)


def test_an_operators_folder_adds_packages_and_cannot_replace_ours(packages_folder):
    write_package(packages_folder, "fresh", more='[tokens]\nbrand = "#ff0000"')
    write_package(packages_folder, "mint")

    assert get_package("fresh").resolve_tokens({}).brand == "#0f9d8a"
    assert installed_ids() == (*SHIPPED[:3], "mint", "noir")


def test_a_name_may_have_languages(packages_folder):
    write_package(packages_folder, "mint", manifest='[theme]\nid="mint"\nname={en="Mint", fr="Menthe"}\nversion="1.0.0"\napi=1')

    package = get_package("mint")

    for language, name in (("en", "Mint"), ("fr-ca", "Menthe"), ("de", "Mint")):
        with translation.override(language):
            assert package.name == name


def manifest_with(old: str = "", new: str = "", more: str = "") -> str:
    usual = '[theme]\nid = "mint"\nname = "Mint"\nversion = "1.0.0"\napi = 1\n'
    assert old in usual
    return usual.replace(old, new) + more


SETTING = '[[sections.hero.settings]]\nid = "title"\nlabel = "Title"\ntype = "text"\n'


BREACHES = [
    ("this is no toml", "(file)", "is not valid TOML"),
    ("\udcff", "(file)", "is not valid TOML"),
    ("x = 1\n" + "#" * 70_000, "(file)", "is larger than 64 kB"),
    (manifest_with('id = "mint"', ""), "[theme] id", "is missing"),
    (manifest_with('"mint"', '"Mint!"'), "[theme] id", "must be 2 to 32 lower-case letters"),
    (manifest_with('"mint"', '"lime"'), "[theme] id", "must be the name of the folder, 'mint'"),
    (manifest_with('name = "Mint"', ""), "[theme] name", "must be a text, or one for each language"),
    (manifest_with('name = "Mint"', "name = {}"), "[theme] name", "one for each language"),
    (manifest_with('name = "Mint"', "name = {en = 1}"), "[theme.name] en", "must be 1 to 60 characters"),
    (manifest_with('"1.0.0"', '"1.0"'), "[theme] version", "must be a version such as 1.4.0"),
    (manifest_with("api = 1", "api = 2"), "[theme] api", "must be 1, the contract this platform knows, not 2"),
    (manifest_with("api = 1", 'api = "1"'), "[theme] api", "must be a whole number"),
    (manifest_with(more='min_platform = "9.0"'), "[theme] min_platform", "install an older release"),
    (manifest_with(more='max_platform = "0.9"'), "[theme] max_platform", "install a newer release"),
    (manifest_with(more='min_platform = "one"'), "[theme] min_platform", "must be a platform version such as 1.0"),
    (manifest_with(more='extends = "mint"'), "[theme] extends", "cannot extend itself"),
    (manifest_with(more='extends = "gone"'), "[theme] extends", "'gone' is not installed; install it first"),
    (manifest_with(more='homepage = "javascript:alert(1)"'), "[theme] homepage", "must be an https:// address"),
    (manifest_with(more="tags = [1]"), "[theme] tags", "must be a list of texts"),
    (manifest_with(more='licence = "MIT"'), "[theme] licence", "did you mean 'license'?"),
    (manifest_with(more="[supports]\ndark = true"), "supports", "is not a key of this table"),
    (manifest_with(more="supports = { dark = 1 }"), "[theme.supports] dark", "must be true or false"),
    (manifest_with(more='supports = { sections = ["heroo"] }'), "[theme.supports] sections", "'heroo' is not a section"),
    (manifest_with(more='[tokens]\nbrand = "red"'), "[tokens] brand", "Give a colour such as #0f9d8a"),
    (manifest_with(more="[tokens]\nlogo = 1"), "[tokens] logo", "There is no such token"),
    (manifest_with(more='[locked]\ntokens = ["logo"]'), "[locked] tokens", "'logo' is not a token; the tokens are brand"),
    (
        manifest_with(more='[pages.storefront]\nsections = ["hero", "hero"]'),
        "[pages.storefront] sections",
        "names something twice",
    ),
    (
        manifest_with(more='[pages.storefront]\nsections = ["map"]'),
        "[pages.storefront] sections",
        "has no templates/sections/map.html",
    ),
    (manifest_with(more="[pages.checkout]\nx = 1"), "[pages] checkout", "known here: storefront"),
    (manifest_with(more="pages = 1"), "[theme] pages", "is not a key"),
    (manifest_with(more="[sections.checkout]"), "[sections] checkout", "is not a section"),
    (manifest_with(more="[sections.hero]\nsettings = 1"), "[sections.hero] settings", "write [[sections.hero.settings]]"),
    (manifest_with(more=SETTING * 2), "[sections.hero] settings", "names one id twice"),
    (
        manifest_with(more="".join(SETTING.replace("title", f"title{n}") for n in range(MOST_SETTINGS + 1))),
        "[sections.hero] settings",
        "has 13; a section has at most 12",
    ),
    (manifest_with(more=SETTING.replace('"text"', '"html"')), "[sections.hero.settings.1] type", "must be one of text, rich"),
    (manifest_with(more=SETTING + "ratio = '4:5'"), "[sections.hero.settings.1] ratio", "is not a key of this table"),
    (
        manifest_with(more=SETTING.replace('"Title"', '"t:gone"')),
        "[sections.hero.settings.1] label",
        "is not a text of the platform",
    ),
    (manifest_with(more=SETTING + 'default = "t:gone"'), "[sections.hero.settings.1] default", "is not a text of the platform"),
    (manifest_with(more=SETTING + 'max = 3\ndefault = "four"'), "[sections.hero.settings.1] default", "at most 3 characters"),
    (
        manifest_with(more=SETTING.replace('"text"', '"choice"')),
        "[sections.hero.settings.1] choices",
        "list at least one choice",
    ),
    (
        manifest_with(more=SETTING.replace('"text"', '"int"')),
        "[sections.hero.settings.1] min",
        "must be given, and be below max",
    ),
    (
        manifest_with(more=SETTING.replace('"text"', '"int"') + "min = 1\nmax = 5"),
        "[sections.hero.settings.1] default",
        "a number needs one",
    ),
    (
        manifest_with(more=SETTING.replace('"text"', '"int"') + "min = 1\nmax = 5\nstep = 0\ndefault = 1"),
        "[sections.hero.settings.1] step",
        "must be 1 or more",
    ),
    (manifest_with(more=SETTING.replace('"text"', '"list"') + "max = 9"), "[sections.hero.settings.1] max", "must be 1 to 8"),
    (
        manifest_with(more=SETTING.replace('"text"', '"list"') + 'of = "list"'),
        "[sections.hero.settings.1] of",
        "can stand in a list",
    ),
    (
        manifest_with(more=SETTING.replace('"text"', '"image"') + 'ratio = "wide"'),
        "[sections.hero.settings.1] ratio",
        "such as 4:5",
    ),
    (manifest_with(more="colour = 1\n[sections]"), "[theme] colour", "is not a key"),
    (manifest_with(more="[colours]\nx = 1"), "colours", "known here: locked, pages, sections, theme, tokens"),
]


@pytest.mark.parametrize(("manifest", "key", "cure"), BREACHES, ids=[f"{key}: {cure}" for _, key, cure in BREACHES])
def test_a_breach_of_the_manifest_names_file_key_and_cure(packages_folder, manifest, key, cure):
    folder = write_package(packages_folder, "mint", manifest="")
    (folder / "theme.toml").write_bytes(manifest.encode(errors="surrogateescape"))

    with pytest.raises(PackageError) as breach:
        get_package("mint")

    assert breach.value.file == "themes/packages/mint/theme.toml"
    assert breach.value.key == key
    assert cure in breach.value.cure
    assert str(breach.value) == f"{breach.value.file}: {breach.value.key}: {breach.value.cure}"


def test_a_missing_manifest_is_named(packages_folder):
    (packages_folder / "mint").mkdir()

    with pytest.raises(PackageError, match=r"themes/packages/mint/theme.toml: \(file\): is missing"):
        get_package("mint")


def test_packages_that_extend_each_other_go_in_a_circle(packages_folder):
    write_package(packages_folder, "one", extends="two")
    write_package(packages_folder, "two", extends="one")

    with pytest.raises(PackageError, match="one → two → one"):
        get_package("one")


@pytest.mark.parametrize(
    "name", ["layouts/page.html", "checkout.html", "sections/checkout.html", "partials/account.html", "sections/x/hero.html"]
)
def test_a_template_that_is_not_open_is_refused(packages_folder, name):
    write_package(packages_folder, "mint", templates={name: ""})

    with pytest.raises(PackageError, match="is not open to theme packages"):
        get_package("mint")


def test_pages_about_money_and_security_are_not_open():
    assert not [name for name in OPEN_TEMPLATES if "checkout" in name or "login" in name or name.startswith("layouts/")]


def test_one_broken_package_leaves_the_others_usable(packages_folder):
    write_package(packages_folder, "mint", manifest="[theme]")

    assert [package.id for package in usable_packages()] == list(SHIPPED)


def test_a_package_is_read_once_until_it_is_forgotten(packages_folder):
    folder = write_package(packages_folder, "mint", more="[tokens]\nradius = 3")
    assert get_package("mint").resolve_tokens({}).radius == 3

    (folder / "theme.toml").write_text((folder / "theme.toml").read_text().replace("radius = 3", "radius = 4"))

    assert get_package("mint").resolve_tokens({}).radius == 3
    forget_packages()
    assert get_package("mint").resolve_tokens({}).radius == 4


def test_sections_start_with_the_platforms_words_and_keep_the_owners():
    package = get_package("fresh")

    assert package.section_settings("categories", {})["title"] == "What are you looking for?"
    assert package.section_settings("categories", {"title": "Our help"})["title"] == "Our help"
    assert package.section_settings("hero", {"topics": ["Ovens"]})["topics"] == ["Ovens"]
    assert package.section_settings("map", {}) == {}


def test_a_setting_that_a_section_does_not_have_is_refused():
    with pytest.raises(SectionSettingsError) as refusal:
        get_package("fresh").section_settings("hero", {"title": "x", "colour": "#fff"})

    assert refusal.value.errors == {"colour": "This section has no such setting."}
