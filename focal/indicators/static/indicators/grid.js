/* The table of figures: paste from a spreadsheet, arrows between rows, rows that come and go.
   Without this the table is a form of plain cells and does the same, a few rows at a time. */

const form = document.querySelector("[data-grid]");

function start(form) {
  const table = form.querySelector("table");
  const body = table.tBodies[0];
  const words = JSON.parse(document.getElementById("grid-words").textContent);
  const status = form.querySelector("[data-grid-status]");
  const names = [...table.tHead.querySelectorAll("[data-column]")].map((head) => head.dataset.column);
  const removed = [];
  let isChanged = false;

  const controlsOf = (row) => names.map((name) => row.querySelector(`[data-cell="${name}"]`));

  function addRow() {
    const last = body.rows[body.rows.length - 1];
    const row = last.cloneNode(true);
    row.dataset.reference = "";
    for (const error of row.querySelectorAll(".cell-error, .row-errors")) error.remove();
    controlsOf(row).forEach((control) => {
      if (!control) return;
      control.removeAttribute("aria-invalid");
      control.removeAttribute("aria-describedby");
      const name = control.dataset.cell;
      control.removeAttribute("id");
      control.setAttribute("aria-label", control.getAttribute("aria-label").replace(/\d+$/, body.rows.length + 1));
      control.name = `${name}-${body.rows.length}`;
      if (control.type === "checkbox") control.checked = false;
      else if (control.tagName === "SELECT") control.selectedIndex = name === "status" ? [...control.options].findIndex((option) => option.value === "final") : 0;
      else control.value = "";
    });
    const number = row.querySelector("[data-row-number]");
    if (number) number.textContent = body.rows.length + 1;
    body.append(row);
    return row;
  }

  function put(control, text) {
    if (!control) return;
    const value = text.trim();
    if (control.type === "checkbox") control.checked = !["", "0", "no", "false"].includes(value.toLowerCase());
    else if (control.tagName === "SELECT") {
      const option = [...control.options].find((item) => item.value.toLowerCase() === value.toLowerCase() || item.textContent.trim().toLowerCase() === value.toLowerCase());
      if (!option && value) control.append(new Option(value, value)); // the server knows more names, or says so
      control.value = option ? option.value : value;
    } else control.value = value;
  }

  function say(text, undo) {
    status.textContent = text;
    if (!undo) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-link";
    button.textContent = words.undo;
    button.addEventListener("click", () => { undo(); status.textContent = ""; });
    status.append(" ", button);
  }

  body.addEventListener("paste", (event) => {
    const control = event.target.closest("[data-cell]");
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!control || !/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    const before = [...body.rows].map((row) => controlsOf(row).map((cell) => cell && (cell.type === "checkbox" ? cell.checked : cell.value)));
    const lines = text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n").map((line) => line.split("\t"));
    let row = control.closest("tr");
    const first = names.indexOf(control.dataset.cell);
    const startRow = row.rowIndex - table.tHead.rows.length;
    lines.forEach((cells, at) => {
      row = body.rows[startRow + at] ?? addRow();
      cells.forEach((cell, place) => put(row.querySelector(`[data-cell="${names[first + place]}"]`), cell));
    });
    if (body.rows.length - startRow - lines.length < 1) addRow();
    isChanged = true;
    say(words.pasted.replace("%s", lines.reduce((sum, cells) => sum + cells.length, 0)), () => {
      [...body.rows].forEach((old, at) => {
        if (!before[at]) { old.remove(); return; }
        controlsOf(old).forEach((cell, place) => {
          if (!cell) return;
          if (cell.type === "checkbox") cell.checked = before[at][place];
          else cell.value = before[at][place];
        });
      });
    });
  });

  body.addEventListener("keydown", (event) => {
    const control = event.target.closest("[data-cell]");
    if (!control || control.tagName === "SELECT") return;
    const step = { ArrowDown: 1, Enter: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = control.closest("tr").rowIndex - table.tHead.rows.length + step;
    const row = body.rows[at] ?? (step > 0 ? addRow() : null);
    row?.querySelector(`[data-cell="${control.dataset.cell}"]`)?.focus();
  });

  body.addEventListener("click", (event) => {
    const button = event.target.closest("[data-remove-row]");
    if (!button) return;
    const row = button.closest("tr");
    const next = row.nextElementSibling;
    removed.push(row);
    if (body.rows.length === 1) addRow();
    row.remove();
    isChanged = true;
    say(words.removed, () => body.insertBefore(removed.pop(), next?.isConnected ? next : null));
  });

  form.querySelector("[data-add-row]")?.addEventListener("click", () => controlsOf(addRow())[0].focus());
  for (const button of form.querySelectorAll("[data-only-script]")) button.hidden = false;
  const more = form.querySelector("[data-more-columns]");
  if (more) {
    table.classList.toggle("is-short", !more.checked);
    more.addEventListener("change", () => table.classList.toggle("is-short", !more.checked));
  }

  body.addEventListener("input", () => { isChanged = true; });
  window.addEventListener("beforeunload", (event) => { if (isChanged) event.preventDefault(); });

  form.addEventListener("submit", () => {
    const rows = [...body.rows].map((row) => {
      const said = { reference: row.dataset.reference || "" };
      for (const control of controlsOf(row)) {
        if (control) said[control.dataset.cell] = control.type === "checkbox" ? (control.checked ? "on" : "") : control.value;
      }
      return said;
    });
    form.querySelector("[name=table]").value = JSON.stringify(rows);
    for (const control of body.querySelectorAll("[name]")) control.disabled = true;
    isChanged = false;
  });
}

if (form) start(form);
