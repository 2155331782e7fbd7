"""Choosers, the drop area and autosave, with keyboard and mouse."""

import pytest

from tests.browser import component_urls
from tests.browser.helpers import assert_no_serious_axe, fits_the_screen, screenshot

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("loaded"),
    pytest.mark.urls("tests.browser.component_urls"),
]


@pytest.mark.parametrize("look", ["desktop", "dark", "phone"])
def test_components_are_usable_by_everybody(request, look):
    page = request.getfixturevalue(f"{look}_page" if look != "desktop" else "page")

    page.goto("/design")

    assert_no_serious_axe(page)
    assert fits_the_screen(page)
    screenshot(page, f"components-{look}")


def test_chooser_finds_without_accents_and_sends_what_was_chosen(page):
    page.goto("/design")
    box = page.get_by_role("combobox", name="Several of many")

    box.press_sequentially("cacak 3")
    assert page.locator(".chooser [role=option]").all_inner_texts() == ["Čačak 3"]
    assert_no_serious_axe(page)
    box.press("Enter")
    box.press_sequentially("derdap 5")
    box.press("Enter")

    assert page.locator(".chip span").all_inner_texts() == ["Čačak 3", "Đerdap 5"]
    chosen = page.locator("select[name=many]").evaluate(
        "e => [...e.selectedOptions].map(option => option.text)"
    )
    assert chosen == ["Čačak 3", "Đerdap 5"]
    page.get_by_role("button", name="Remove: Čačak 3").click()
    box.press("Escape")
    box.press("Backspace")
    assert page.locator(".chip").count() == 0


def test_chooser_is_a_plain_list_without_scripts(make_page):
    page = make_page(java_script_enabled=False)

    page.goto("/design")

    assert page.get_by_label("Several of many").evaluate("e => e.tagName") == "SELECT"
    assert page.get_by_label("Several of many").is_visible()


def test_dropped_files_are_listed_and_sent_with_the_form(page):
    component_urls.received.clear()
    page.goto("/design")
    page.locator("input[type=file]").set_input_files(
        [
            {"name": "a.txt", "mimeType": "text/plain", "buffer": b"x" * 2048},
            {"name": "b.txt", "mimeType": "text/plain", "buffer": b"y"},
        ]
    )
    assert page.locator(".file-list .name").all_inner_texts() == ["a.txt", "b.txt"]
    page.get_by_role("button", name="Remove: b.txt").click()

    page.get_by_role("button", name="Save").click()
    summary = page.get_by_role("alert")
    summary.wait_for()

    assert component_urls.received == [("a.txt", 2048, "a.txt")]
    assert summary.evaluate("e => e === document.activeElement")


def test_form_saves_itself_and_says_when(page):
    component_urls.saved.clear()
    page.goto("/form")

    page.get_by_label("Text").press_sequentially("A quiet heron")
    page.locator('[data-save-state][data-state="saved"]').wait_for()

    assert component_urls.saved == ["A quiet heron"]
    assert page.get_by_role("status").filter(has_text="Saved at").is_visible()


def test_form_stops_saving_when_somebody_was_faster_and_keeps_the_text(page):
    page.goto("/form")

    page.get_by_label("Text").fill("conflict")
    page.locator('[data-save-state][data-state="conflict"]').wait_for()

    assert page.locator("[data-save-state] a").get_attribute("href") == "/about"
    assert page.get_by_label("Text").input_value() == "conflict"


def test_leaving_with_something_unsaved_asks_first(page):
    asked = []
    page.goto("/form")
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))

    page.get_by_label("Text").press_sequentially("conflict")
    page.locator('[data-save-state][data-state="conflict"]').wait_for()
    page.goto("/about")

    assert asked == ["beforeunload"]
