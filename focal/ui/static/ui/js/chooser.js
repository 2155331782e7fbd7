/* Choosers that search. A <select data-chooser> (multiple or single) becomes chips and a
   combobox; a list of checkboxes in [data-filter-list] gets a box that narrows it. The form
   still sends the original control, so that nothing depends on this script. */

const wordsElement = document.getElementById("script-words");
const words = wordsElement ? JSON.parse(wordsElement.textContent) : {};
const icons = document.querySelector("svg use")?.getAttribute("href")?.split("#")[0] || "";

const SPECIAL = { đ: "d", ł: "l", ı: "i", ß: "ss", ς: "σ" };
export function fold(text) {
  return text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replace(/[đłıßς]/g, (letter) => SPECIAL[letter]);
}

function makeIcon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${icons}#${name}`);
  svg.append(use);
  return svg;
}

let number = 0;

class Chooser {
  constructor(select) {
    this.select = select;
    this.at = -1;
    const id = `chooser-${++number}`;
    const label = document.querySelector(`label[for="${CSS.escape(select.id)}"]`);

    this.box = document.createElement("div");
    this.box.className = "chooser";
    this.chosen = document.createElement("ul");
    this.chosen.className = "chosen";
    this.input = document.createElement("input");
    this.input.id = id;
    this.input.className = "form-control";
    this.input.type = "text";
    this.input.placeholder = select.dataset.placeholder || "";
    this.list = document.createElement("ul");
    this.list.id = `${id}-list`;
    this.list.hidden = true;
    this.list.setAttribute("role", "listbox");
    if (select.multiple) this.list.setAttribute("aria-multiselectable", "true");
    this.list.setAttribute("aria-label", label?.textContent.trim() || "");
    Object.entries({
      role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false",
      "aria-controls": this.list.id, autocomplete: "off", spellcheck: "false",
    }).forEach(([name, value]) => this.input.setAttribute(name, value));
    for (const name of ["aria-describedby", "aria-invalid"]) {
      if (select.hasAttribute(name)) this.input.setAttribute(name, select.getAttribute(name));
    }
    this.status = document.createElement("span");
    this.status.className = "visually-hidden";
    this.status.setAttribute("role", "status");
    this.box.append(this.chosen, this.input, this.list, this.status);
    select.before(this.box);
    select.hidden = true;
    select.required = false; // a hidden control cannot show the browser's complaint; the server checks
    select.dataset.chooserInput = id;
    if (label) label.htmlFor = id;

    this.input.addEventListener("input", () => this.open());
    this.input.addEventListener("focus", () => { if (select.multiple) this.open(); });
    this.input.addEventListener("click", () => this.open());
    this.input.addEventListener("blur", () => this.close());
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    select.addEventListener("change", () => this.draw());
    select.form?.addEventListener("reset", () => setTimeout(() => this.draw()));
    this.draw();
  }

  get options() {
    return [...this.select.options].filter((option) => option.value !== "");
  }

  draw() {
    const picked = this.options.filter((option) => option.selected);
    if (!this.select.multiple) {
      if (document.activeElement !== this.input) this.input.value = picked[0]?.text || "";
      return;
    }
    this.chosen.replaceChildren(...picked.map((option) => {
      const chip = document.createElement("li");
      chip.className = "chip";
      const name = document.createElement("span");
      name.textContent = option.text.trim();
      const button = document.createElement("button");
      button.type = "button";
      button.setAttribute("aria-label", `${words.remove}: ${option.text.trim()}`);
      button.append(makeIcon("x-lg"));
      button.addEventListener("click", () => { this.set(option, false); this.input.focus(); });
      chip.append(name, button);
      return chip;
    }));
  }

  set(option, on) {
    if (this.select.multiple) option.selected = on;
    else this.select.value = on ? option.value : "";
    this.select.dispatchEvent(new Event("change", { bubbles: true }));
    this.select.dispatchEvent(new Event("input", { bubbles: true }));
    const count = this.options.filter((item) => item.selected).length;
    this.status.textContent = words.chosen.replace("{count}", count);
  }

  matches() {
    const current = this.options.find((option) => option.selected);
    const untouched = !this.select.multiple && current && this.input.value === current.text;
    const wanted = untouched ? [] : fold(this.input.value).split(/\s+/).filter(Boolean);
    return this.options.filter((option) => {
      const text = fold(`${option.text} ${option.dataset.words || ""}`);
      return wanted.every((word) => text.includes(word));
    }).slice(0, 200);
  }

  open() {
    this.found = this.matches();
    const rows = [];
    let group = null;
    this.rows = this.found.map((option, index) => {
      const parent = option.parentElement.tagName === "OPTGROUP" ? option.parentElement.label : null;
      if (parent && parent !== group) {
        const head = document.createElement("li");
        head.className = "group";
        head.setAttribute("role", "presentation");
        head.textContent = parent;
        rows.push(head);
      }
      group = parent;
      const row = document.createElement("li");
      row.id = `${this.list.id}-${index}`;
      row.setAttribute("role", "option");
      row.setAttribute("aria-selected", String(option.selected));
      const name = document.createElement("span");
      name.textContent = option.text.trim();
      row.append(name, makeIcon("check-lg"));
      row.addEventListener("mousedown", (event) => { event.preventDefault(); this.pick(index); });
      rows.push(row);
      return row;
    });
    if (!this.rows.length) {
      const nothing = document.createElement("li");
      nothing.className = "nothing";
      nothing.setAttribute("role", "presentation");
      nothing.textContent = words.nothing_found;
      rows.push(nothing);
      this.status.textContent = words.nothing_found;
    }
    this.list.replaceChildren(...rows);
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.point(this.input.value && this.rows.length ? 0 : -1);
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    if (!this.select.multiple) {
      if (!this.input.value.trim() && this.select.value) { this.select.value = ""; this.select.dispatchEvent(new Event("change", { bubbles: true })); }
      this.input.value = this.options.find((option) => option.selected)?.text || "";
    }
  }

  point(at) {
    this.at = at;
    this.rows.forEach((row, index) => row.classList.toggle("active", index === at));
    const row = this.rows[at];
    if (!row) return this.input.removeAttribute("aria-activedescendant");
    this.input.setAttribute("aria-activedescendant", row.id);
    row.scrollIntoView({ block: "nearest" });
  }

  pick(index) {
    const option = this.found[index];
    this.set(option, this.select.multiple ? !option.selected : true);
    if (this.select.multiple) {
      this.input.value = "";
      this.open();
    } else {
      this.input.value = option.text;
      this.close();
    }
  }

  onKey(event) {
    const isOpen = !this.list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!isOpen) return this.open();
      const count = this.rows.length;
      if (count) this.point((this.at + (event.key === "ArrowDown" ? 1 : -1) + count) % count);
    } else if (event.key === "Enter" && isOpen) {
      event.preventDefault(); // the form is sent by its button
      if (this.at >= 0) this.pick(this.at);
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      this.close();
    } else if (event.key === "Backspace" && !this.input.value && this.select.multiple) {
      const last = this.options.filter((option) => option.selected).at(-1);
      if (last) { this.set(last, false); this.open(); }
    }
  }
}

function narrowList(box) {
  const rows = [...box.querySelectorAll(".form-check")];
  if (rows.length < 12) return;
  const input = document.createElement("input");
  input.type = "search";
  input.className = "form-control mb-2";
  input.placeholder = words.filter;
  input.setAttribute("aria-label", words.filter);
  box.before(input);
  input.addEventListener("input", () => {
    const wanted = fold(input.value).split(/\s+/).filter(Boolean);
    for (const row of rows) {
      const text = fold(row.textContent);
      row.hidden = !(row.querySelector("input").checked || wanted.every((word) => text.includes(word)));
    }
  });
  input.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
}

export function enhance(root) {
  root.querySelectorAll("select[data-chooser]:not([data-chooser-input])").forEach((select) => new Chooser(select));
  root.querySelectorAll("[data-filter-list]:not([data-narrowed])").forEach((box) => { box.dataset.narrowed = ""; narrowList(box); });
}
enhance(document);
document.addEventListener("htmx:load", (event) => enhance(event.detail.elt));
