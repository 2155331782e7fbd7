/* A place to drop files on. [data-dropzone] holds an <input type="file">; the form is sent as
   always, in one request, and the bar beside each file shows how much of it has gone out.
   Folders may be dropped: their files' paths go along in `<name>_paths`, in the same order. */

const wordsElement = document.getElementById("script-words");
const words = wordsElement ? JSON.parse(wordsElement.textContent) : {};

function sizeOf(bytes) {
  const units = ["B", "kB", "MB", "GB"];
  let at = 0;
  while (bytes >= 1000 && at < units.length - 1) { bytes /= 1000; at += 1; }
  return `${bytes.toFixed(at > 1 ? 1 : 0)} ${units[at]}`;
}

async function readEntry(entry, path = "") {
  if (entry.isFile) {
    const file = await new Promise((done, failed) => entry.file(done, failed));
    return [{ file, path: path + file.name }];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) { // a reader hands out at most a hundred entries at a time
    const part = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!part.length) return found;
    for (const child of part) found.push(...await readEntry(child, `${path}${entry.name}/`));
  }
}

class Dropzone {
  constructor(zone) {
    this.zone = zone;
    this.input = zone.querySelector('input[type="file"]');
    this.list = zone.querySelector(".file-list");
    this.files = [];
    this.most = Number(zone.dataset.mostFiles || 500);
    zone.querySelectorAll("[data-drop-hint]").forEach((hint) => { hint.hidden = false; });
    zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("over"); });
    for (const name of ["dragleave", "drop", "dragend"]) zone.addEventListener(name, () => zone.classList.remove("over"));
    zone.addEventListener("drop", (event) => this.onDrop(event));
    this.input.addEventListener("change", () => {
      if (this.isSetting) return;
      const picked = [...this.input.files].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
      this.add(picked);
    });
    this.input.form?.addEventListener("submit", (event) => this.onSubmit(event));
  }

  async onDrop(event) {
    event.preventDefault();
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const found = [];
    for (const entry of entries) found.push(...await readEntry(entry));
    this.add(found.length ? found : [...event.dataTransfer.files].map((file) => ({ file, path: file.name })));
  }

  add(found) {
    const wanted = found.filter(({ file }) => !file.name.startsWith("."));
    const known = new Set(this.files.map(({ file, path }) => `${path}|${file.size}`));
    const fresh = wanted.filter(({ file, path }) => !known.has(`${path}|${file.size}`));
    this.files = this.input.multiple ? [...this.files, ...fresh] : wanted.slice(-1);
    this.put();
  }

  put() {
    const transfer = new DataTransfer();
    this.files.forEach(({ file }) => transfer.items.add(file));
    this.isSetting = true;
    this.input.files = transfer.files;
    this.isSetting = false;
    this.draw();
  }

  draw() {
    const rows = this.files.map((entry) => {
      const row = document.createElement("li");
      const name = document.createElement("span");
      name.className = "name";
      name.textContent = entry.path;
      const size = document.createElement("span");
      size.className = "size";
      size.textContent = sizeOf(entry.file.size);
      const remove = document.createElement("button");
      remove.type = "button";
      remove.textContent = "×";
      remove.setAttribute("aria-label", `${words.remove}: ${entry.path}`);
      remove.addEventListener("click", () => { this.files = this.files.filter((other) => other !== entry); this.put(); this.input.focus(); });
      row.append(name, size, remove);
      return row;
    });
    if (this.files.length > this.most) {
      const row = document.createElement("li");
      row.textContent = words.too_many.replace("{count}", this.most);
      rows.unshift(row);
    } else if (this.files.length > 1) {
      const row = document.createElement("li");
      const total = this.files.reduce((sum, { file }) => sum + file.size, 0);
      row.textContent = words.files_chosen.replace("{count}", this.files.length).replace("{size}", sizeOf(total));
      rows.unshift(row);
    }
    this.list.replaceChildren(...rows);
  }

  onSubmit(event) {
    if (!this.files.length || event.defaultPrevented) return;
    event.preventDefault();
    const form = this.input.form;
    const data = new FormData(form, event.submitter);
    this.files.forEach(({ path }) => data.append(`${this.input.name}_paths`, path));
    const rows = [...this.list.children].slice(-this.files.length);
    const bars = rows.map((row) => {
      const bar = document.createElement("progress");
      bar.max = 1;
      bar.value = 0;
      bar.setAttribute("aria-label", row.querySelector(".name").textContent);
      row.querySelector("button").remove();
      row.append(bar);
      return bar;
    });
    const status = document.createElement("li");
    status.setAttribute("role", "status");
    this.list.prepend(status);

    const request = new XMLHttpRequest();
    request.open(form.method, form.action);
    // A page that is only passed through must not use up what it has to tell.
    request.setRequestHeader("X-Leave-Messages", "1");
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      let gone = loaded;
      this.files.forEach(({ file }, index) => {
        bars[index].value = file.size ? Math.min(1, gone / file.size) : 1;
        gone = Math.max(0, gone - file.size);
      });
      status.textContent = words.uploading.replace("{percent}", Math.floor((100 * loaded) / total));
    });
    request.upload.addEventListener("load", () => {
      bars.forEach((bar) => { bar.value = 1; });
      status.textContent = words.reading;
    });
    request.addEventListener("load", () => this.onAnswer(request));
    request.addEventListener("error", () => { this.draw(); this.list.prepend(status); status.textContent = words.upload_failed; });
    request.send(data);
  }

  onAnswer(request) {
    // The answer is the page that the form would have led to.
    const form = this.input.form;
    const came = new URL(request.responseURL || form.action, window.location.href);
    const asked = new URL(form.action, window.location.href);
    if (request.status < 400 && came.href !== asked.href) return window.location.assign(came);
    const answer = new DOMParser().parseFromString(request.responseText, "text/html");
    const main = answer.querySelector("main");
    if (!main) return window.location.reload();
    document.title = answer.title;
    document.querySelector("main").replaceWith(main);
    window.scrollTo(0, 0);
    window.htmx?.process(main);
    main.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true, detail: { elt: main } })); // to every script
    (main.querySelector("[data-error-summary]") || main).focus();
  }
}

export function enhance(root) {
  root.querySelectorAll("[data-dropzone]:not([data-ready])").forEach((zone) => { zone.dataset.ready = ""; new Dropzone(zone); });
}
enhance(document);
document.addEventListener("htmx:load", (event) => enhance(event.detail.elt));
