/* What every page has: menus that close, the colour switch, focus on errors, copy buttons. */

const wordsElement = document.getElementById("script-words");
const words = wordsElement ? JSON.parse(wordsElement.textContent) : {};

// Menus are <details>: they open without this. Here they close again.
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (menu !== except) menu.open = false;
  }
}
document.addEventListener("click", (event) => closeMenus(event.target.closest("details[data-menu]")));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.activeElement?.closest("details[data-menu][open]");
  closeMenus();
  menu?.querySelector("summary").focus();
});

// Whoever opens the search of a phone wants to write.
document.addEventListener("toggle", (event) => {
  if (event.target.open) event.target.querySelector("input[type=search]")?.focus();
}, true);

// Colours: as the system, light, dark.
const order = ["auto", "light", "dark"];
function readTheme() {
  return document.documentElement.dataset.themeChoice || "auto";
}
function nameTheme() {
  for (const place of document.querySelectorAll("[data-theme-name]")) {
    place.textContent = words[`theme_${readTheme()}`] || readTheme();
  }
}
for (const button of document.querySelectorAll("[data-theme-toggle]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const next = order[(order.indexOf(readTheme()) + 1) % order.length];
    try {
      if (next === "auto") localStorage.removeItem("focal-theme");
      else localStorage.setItem("focal-theme", next);
    } catch {
      return; // storage refused: the system decides
    }
    document.dispatchEvent(new Event("focal:theme"));
    nameTheme();
    button.title = button.textContent.trim();
  });
}
nameTheme();

// After a failed form the reader starts at what has to be mended.
function focusErrors(root) {
  root?.querySelector?.("[data-error-summary]")?.focus(); // a page htmx brings back has no target
}
focusErrors(document);
document.addEventListener("htmx:afterSwap", (event) => focusErrors(event.detail.target));

// A link to a field of a group leads to its first input.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-error-summary] a[href^='#']");
  if (!link) return;
  const target = document.getElementById(link.hash.slice(1));
  if (!target) return;
  event.preventDefault();
  const input = target.matches("input, select, textarea") ? target : target.querySelector("input, select, textarea");
  const visible = input && (input.dataset.chooserInput ? document.getElementById(input.dataset.chooserInput) : input);
  (visible || target).focus();
  target.closest(".field")?.scrollIntoView({ block: "start" });
});

// <button data-copy="text">
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button || !navigator.clipboard) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  const before = button.textContent;
  button.textContent = words.copied;
  setTimeout(() => { button.textContent = before; }, 1500);
});

// <form data-submit-on-change>: filters that need no button where scripts run.
document.addEventListener("change", (event) => {
  event.target.closest("form[data-submit-on-change]")?.requestSubmit();
});
function showForScripts(root) {
  for (const part of root.querySelectorAll("[data-only-without-scripts]")) part.hidden = true;
  for (const part of root.querySelectorAll("[data-only-with-scripts]")) part.hidden = false;
}
showForScripts(document);
document.addEventListener("htmx:load", (event) => showForScripts(event.detail.elt));

// [data-calm]: the same answer again changes nothing, so that what is being read or has been
// opened stays as it is.
document.addEventListener("htmx:beforeSwap", (event) => {
  const place = event.detail.target;
  if (!place?.matches?.("[data-calm]")) return;
  if (place.calmAnswer === event.detail.serverResponse) event.detail.shouldSwap = false;
  place.calmAnswer = event.detail.serverResponse;
});

// <button data-print>
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

// Bootstrap's own scripts come only where a page asks for them.
if (document.querySelector("[data-bs-toggle], [data-bs-dismiss]")) {
  const script = document.createElement("script");
  script.src = document.getElementById("page-script").dataset.bootstrap;
  document.head.append(script);
}

// Passkeys report their failures as an event; the person is told in words.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  let place = document.getElementById("passkey-error");
  if (!place) {
    place = document.createElement("div");
    place.id = "passkey-error";
    place.className = "notice notice-error mt-4";
    place.setAttribute("role", "alert");
    (document.querySelector("main .entrance > div") || document.querySelector("main")).prepend(place);
  }
  place.textContent = words.passkey_failed;
});
