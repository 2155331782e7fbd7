/* Suggestions under a search box, after the combobox pattern of the ARIA practices.
   <input type="search" data-suggest-url="/search/suggest">; the answer is a list of
   {label, kind, url} (or {"suggestions": [...]}). Without it the box is a plain form. */

const wordsElement = document.getElementById("script-words");
const words = wordsElement ? JSON.parse(wordsElement.textContent) : {};
const PAUSE = 140;

function attach(input, number) {
  const list = document.createElement("ul");
  list.id = `suggestions-${number}`;
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels?.[0]?.textContent.trim() || "");
  list.hidden = true;
  const status = document.createElement("div");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  input.closest(".search-box").append(list, status);
  Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false",
    "aria-controls": list.id, autocomplete: "off",
  }).forEach(([name, value]) => input.setAttribute(name, value));

  let items = [];
  let at = -1;
  let timer = 0;
  let request = null;

  function close() {
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }
  function point(next) {
    at = next;
    [...list.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === at)));
    const option = list.children[at];
    if (!option) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }
  function show(answer) {
    items = answer.slice(0, 10);
    list.replaceChildren(...items.map((item, index) => {
      const option = document.createElement("li");
      option.id = `${list.id}-${index}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      const label = document.createElement("span");
      label.textContent = item.label;
      const kind = document.createElement("span");
      kind.className = "kind";
      kind.textContent = item.kind || "";
      option.append(label, kind);
      option.addEventListener("mousedown", (event) => { event.preventDefault(); go(index); });
      return option;
    }));
    list.hidden = items.length === 0;
    at = -1;
    input.setAttribute("aria-expanded", String(items.length > 0));
    input.removeAttribute("aria-activedescendant");
    status.textContent = items.length ? words.suggestions.replace("{count}", items.length) : words.no_suggestions;
  }
  function go(index) {
    const item = items[index];
    if (item.url) { window.location.assign(item.url); return; }
    input.value = item.label;
    close();
    input.form.requestSubmit();
  }
  async function ask() {
    const text = input.value.trim();
    request?.abort();
    if (text.length < 2) return close();
    request = new AbortController();
    const address = new URL(input.dataset.suggestUrl, window.location.href);
    address.searchParams.set("q", text.slice(0, 200));
    try {
      const response = await fetch(address, { signal: request.signal, headers: { Accept: "application/json" } });
      if (!response.ok) return close();
      const answer = await response.json();
      if (document.activeElement === input) show(Array.isArray(answer) ? answer : answer.suggestions || []);
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  }

  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, PAUSE); });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) return void ask();
      const step = event.key === "ArrowDown" ? 1 : -1;
      const count = items.length + 1; // one place stands for the box itself
      point(((at + 1 + step + count) % count) - 1);
    } else if (event.key === "Enter" && !list.hidden && at >= 0) {
      event.preventDefault();
      go(at);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    }
  });
}

document.querySelectorAll("input[data-suggest-url]").forEach(attach);
