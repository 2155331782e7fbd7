/* Around the form: rows that are added, moved and removed in place, choosers of records,
   the preview in a tab of its own, warnings that come with autosaving, and a fresh token
   after somebody has signed in again in another tab. Without this the buttons post. */

const wordsElement = document.getElementById("editing-words");
const words = wordsElement ? JSON.parse(wordsElement.textContent) : {};

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
const tell = (element) => element.dispatchEvent(new Event("input", { bubbles: true }));
let count = 0;

// Choosing a record -----------------------------------------------------------------------

class RecordChooser {
  constructor(box) {
    this.box = box;
    this.field = box.querySelector("input");
    this.url = box.dataset.recordChooser;
    const id = `record-chooser-${++count}`;
    this.input = make("input", {
      class: "form-control", type: "text", id, role: "combobox", autocomplete: "off", spellcheck: "false",
      "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": `${id}-list`, placeholder: words.choose,
    });
    for (const name of ["aria-describedby", "aria-invalid"]) {
      if (this.field.hasAttribute(name)) this.input.setAttribute(name, this.field.getAttribute(name));
    }
    const label = document.querySelector(`label[for="${CSS.escape(this.field.id)}"]`);
    if (label) label.htmlFor = id;
    this.list = make("ul", { id: `${id}-list`, role: "listbox", "aria-label": label?.textContent.trim() || words.choose });
    this.list.hidden = true;
    this.status = make("span", { class: "visually-hidden", role: "status" });
    this.chosen = make("p", { class: "chosen-title" });
    this.box.classList.add("chooser");
    this.field.hidden = true;
    this.field.dataset.chooserInput = id;
    this.box.append(this.chosen, this.input, this.list, this.status);
    this.input.addEventListener("input", (event) => { event.stopPropagation(); this.ask(); });
    this.input.addEventListener("change", (event) => event.stopPropagation());
    this.input.addEventListener("focus", () => this.ask());
    this.input.addEventListener("blur", () => this.leave());
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    this.draw(this.field.dataset.title);
  }

  draw(title) {
    const isChosen = Boolean(this.field.value && title);
    this.chosen.replaceChildren();
    this.chosen.hidden = !isChosen;
    this.input.hidden = isChosen;
    if (!isChosen) { this.input.value = this.field.value; return; }
    const remove = make("button", { type: "button", class: "btn btn-link btn-sm" }, words.clear);
    remove.addEventListener("click", () => { this.set("", ""); this.input.focus(); });
    this.chosen.append(make("span", {}, title), " ", remove);
  }

  set(reference, title) {
    this.field.value = reference;
    this.field.dataset.title = title;
    this.draw(title);
    tell(this.field);
  }

  leave() {
    this.close();
    // What was typed and not chosen is sent too: it may be an address, and is never thrown away.
    if (!this.input.hidden && this.input.value !== this.field.value) { this.field.value = this.input.value; tell(this.field); }
  }

  ask() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), 180);
  }

  async load() {
    const text = this.input.value.trim();
    try {
      const response = await fetch(`${this.url}?q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" } });
      if (!response.ok) throw new Error(response.statusText);
      const { results } = await response.json();
      if (text !== this.input.value.trim() || document.activeElement !== this.input) return;
      this.show(results);
    } catch {
      this.status.textContent = words.failed;
    }
  }

  show(results) {
    this.found = results;
    this.at = -1;
    this.rows = results.map((result, index) => {
      const row = make("li", { id: `${this.list.id}-${index}`, role: "option", "aria-selected": "false" });
      row.append(make("span", {}, result.title, make("span", { class: "quiet" }, ` ${result.detail}`)));
      row.addEventListener("mousedown", (event) => { event.preventDefault(); this.pick(index); });
      return row;
    });
    this.list.replaceChildren(...(this.rows.length ? this.rows : [make("li", { class: "nothing", role: "presentation" }, words.nothing)]));
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.status.textContent = this.rows.length ? words.found.replace("{count}", this.rows.length) : words.nothing;
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  pick(index) {
    const { reference, title } = this.found[index];
    this.close();
    this.set(reference, title);
    this.chosen.querySelector("button")?.focus();
  }

  onKey(event) {
    if (event.key === "Enter") {
      event.preventDefault();
      if (!this.list.hidden && this.at >= 0) this.pick(this.at);
    } else if (event.key === "Escape") {
      this.close();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !this.list.hidden && this.rows.length) {
      event.preventDefault();
      this.at = (this.at + (event.key === "ArrowDown" ? 1 : -1) + this.rows.length) % this.rows.length;
      this.rows.forEach((row, index) => {
        row.classList.toggle("active", index === this.at);
        row.setAttribute("aria-selected", String(index === this.at));
      });
      this.input.setAttribute("aria-activedescendant", this.rows[this.at].id);
      this.rows[this.at].scrollIntoView({ block: "nearest" });
    }
  }
}

// Rows ------------------------------------------------------------------------------------

class Rows {
  constructor(box) {
    this.box = box;
    this.list = box.querySelector("[data-rows-list]");
    this.pattern = this.empty(this.list.querySelector("[data-row]").cloneNode(true));
    box.addEventListener("click", (event) => {
      const button = event.target.closest("button[name=row]");
      if (!button) return;
      event.preventDefault();
      this.act(button);
    });
  }

  empty(row) {
    row.querySelector(":scope > .error")?.remove();
    for (const input of row.querySelectorAll("input")) {
      input.setAttribute("value", "");
      input.value = "";
      input.dataset.title = "";
      for (const name of ["aria-invalid", "aria-describedby"]) input.removeAttribute(name);
    }
    row.querySelectorAll("p.chosen-title").forEach((title) => title.remove());
    return row;
  }

  act(button) {
    const row = button.closest("[data-row]");
    if ("rowAdd" in button.dataset) this.add();
    else if ("rowRemove" in button.dataset) this.remove(row);
    else if ("rowUp" in button.dataset && row.previousElementSibling) { row.previousElementSibling.before(row); button.focus(); }
    else if ("rowDown" in button.dataset && row.nextElementSibling) { row.nextElementSibling.after(row); button.focus(); }
    tell(this.list);
  }

  add() {
    const row = this.pattern.cloneNode(true);
    const number = ++count + 1000;
    for (const label of row.querySelectorAll("label")) label.htmlFor = `${label.htmlFor}-${number}`;
    for (const input of row.querySelectorAll("input")) input.id = `${input.id}-${number}`;
    this.list.append(row);
    row.querySelectorAll("[data-record-chooser]").forEach((box) => new RecordChooser(box));
    row.querySelector("input:not([hidden])").focus();
  }

  remove(row) {
    const next = row.nextElementSibling || row.previousElementSibling;
    row.remove();
    if (!this.list.children.length) this.add();
    else next?.querySelector("input:not([hidden])")?.focus();
  }
}

function makeRows(root) {
  root.querySelectorAll("[data-rows]:not([data-ready])").forEach((box) => { box.dataset.ready = ""; new Rows(box); }); // before the choosers: rows are cloned bare
  root.querySelectorAll("[data-record-chooser]:not(.chooser)").forEach((box) => new RecordChooser(box));
}

// The form ----------------------------------------------------------------------------------

async function freshToken(form, address) {
  try {
    const response = await fetch(address, { headers: { Accept: "application/json" } });
    const answer = await response.json();
    const input = form.querySelector("[name=csrfmiddlewaretoken]");
    if (response.ok && answer.token && input) input.value = answer.token;
    return response.ok;
  } catch {
    return false;
  }
}

function begin(form) {
  const address = form.dataset.autosaveUrl;
  const state = form.querySelector("[data-save-state]");

  // Preview without a submit event: the form goes on being kept.
  form.querySelector("[data-preview]")?.addEventListener("click", (event) => {
    event.preventDefault();
    const { action, target } = form;
    form.action = event.currentTarget.getAttribute("formaction");
    form.target = "_blank";
    HTMLFormElement.prototype.submit.call(form);
    form.setAttribute("action", action);
    form.target = target;
  });

  // Enter in a box must not send the form by way of the first button of some row.
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input[type=text]") && !event.defaultPrevented) event.preventDefault();
  });

  document.addEventListener("focal:autosaved", (event) => {
    const place = document.querySelector("[data-newer]");
    if (!place || !event.detail?.warning) return;
    place.querySelector("[data-newer-text]").textContent = event.detail.warning;
    place.hidden = false;
  });

  // When keeping fails, the token may be an old one: somebody signed in again elsewhere.
  if (state && address) {
    new MutationObserver(async () => {
      if (state.dataset.state !== "failed") return;
      const isIn = await freshToken(form, address);
      if (!isIn && navigator.onLine) {
        const text = state.querySelector("[data-save-text]") || state;
        if (!text.textContent.includes(words.signed_out)) text.append(` ${words.signed_out}`);
      }
    }).observe(state, { attributes: true, attributeFilter: ["data-state"] });
  }
  if (!address) return;
  let checked = Date.now();
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || Date.now() - checked < 2000) return;
    checked = Date.now();
    freshToken(form, address);
  });
}

// What is handed back to somebody who was signed out is sent with a token of the new session.
function sendWithFreshToken(form) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const answer = await fetch(form.dataset.freshToken);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const token = page.querySelector("[name=csrfmiddlewaretoken]");
      if (token) form.querySelector("[name=csrfmiddlewaretoken]").value = token.value;
    } catch {
      // the old token may do; if not, the answer says so
    }
    form.submit();
  });
}

export function enhance(root) {
  makeRows(root);
  for (const form of root.querySelectorAll("form[data-fresh-token]:not([data-begun])")) { form.dataset.begun = ""; sendWithFreshToken(form); }
  for (const form of root.querySelectorAll("form[data-editing]:not([data-begun])")) { form.dataset.begun = ""; begin(form); }
}
enhance(document);
document.addEventListener("htmx:load", (event) => enhance(event.detail.elt));
