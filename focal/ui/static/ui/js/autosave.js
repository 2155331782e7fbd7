/* Keeps what is being typed. <form data-autosave-url="..."> is posted there when the typing
   pauses; the answer is JSON {"saved_at": "2026-05-03T10:20:00Z"} or, with status 409,
   {"message": "...", "url": "..."} when somebody else has changed the same thing.
   Leaving with something unsaved asks first. Says what it does in [data-save-state].
   An <input type="hidden" data-tab-name> gets a name of this tab, so that the server can tell two
   tabs apart. <form data-ask-before-leaving> is not kept, but asks as well. */

const wordsElement = document.getElementById("script-words");
const words = wordsElement ? JSON.parse(wordsElement.textContent) : {};
const PAUSE = 1500;
const LONGEST = 15000;

function nameTab() {
  return [...crypto.getRandomValues(new Uint8Array(10))].map((byte) => byte.toString(36).padStart(2, "0")).join("");
}

function read(form) {
  const pairs = [...new FormData(form)].filter(([, value]) => typeof value === "string");
  return new URLSearchParams(pairs.filter(([name]) => name !== "csrfmiddlewaretoken")).toString();
}

class Autosave {
  constructor(form) {
    this.form = form;
    for (const input of form.querySelectorAll("[data-tab-name]")) input.value = nameTab();
    this.place = form.querySelector("[data-save-state]") || document.querySelector("[data-save-state]");
    this.saved = this.read();
    this.failures = 0;
    this.isStopped = false; // somebody else has changed it: no more saving over them
    this.isSent = false;
    for (const name of ["input", "change"]) form.addEventListener(name, () => this.touch());
    form.addEventListener("submit", () => { this.isSent = true; clearTimeout(this.timer); this.request?.abort(); });
    // Sent by htmx and not answered: what stands in the form is kept on.
    form.addEventListener("htmx:afterRequest", (event) => { if (!event.detail.successful) { this.isSent = false; this.touch(); } });
    window.addEventListener("beforeunload", (event) => { if (form.isConnected && !this.isSent && this.isDirty()) event.preventDefault(); });
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.save(); });
    window.addEventListener("online", () => this.save());
  }

  read() { return read(this.form); }

  isDirty() { return this.read() !== this.saved; }

  isDone() { return this.isStopped || this.isSent || !this.form.isConnected; }

  say(state, text) {
    if (!this.place) return;
    this.place.dataset.state = state;
    (this.place.querySelector("[data-save-text]") || this.place).textContent = text;
  }

  touch() {
    if (this.isDone() || !this.isDirty()) return;
    if (!this.since) { this.since = Date.now(); this.say("unsaved", words.unsaved); }
    clearTimeout(this.timer);
    const wait = Math.max(0, Math.min(PAUSE, this.since + LONGEST - Date.now()));
    this.timer = setTimeout(() => this.save(), wait);
  }

  async save() {
    clearTimeout(this.timer);
    if (this.isDone() || this.isSaving || !this.isDirty()) return;
    this.isSaving = true;
    const now = this.read();
    const data = new FormData(this.form);
    for (const [name, value] of [...data]) if (typeof value !== "string") data.delete(name);
    this.say("saving", words.saving);
    this.request = new AbortController();
    try {
      const response = await fetch(this.form.dataset.autosaveUrl, {
        method: "POST", body: data, signal: this.request.signal, credentials: "same-origin", keepalive: document.hidden && now.length < 60000,
        headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" },
      });
      const answer = response.headers.get("Content-Type")?.includes("json") ? await response.json() : {};
      if (response.status === 409) return this.onConflict(answer);
      if (!response.ok || response.redirected) throw new Error(answer.message || response.statusText);
      this.saved = now;
      this.since = 0;
      this.failures = 0;
      const at = answer.saved_at ? new Date(answer.saved_at) : new Date();
      const time = at.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
      this.say("saved", words.saved.replace("{time}", time));
      this.form.dispatchEvent(new CustomEvent("focal:autosaved", { bubbles: true, detail: answer }));
    } catch {
      if (this.isDone()) return;
      this.failures += 1;
      this.say("failed", words.save_failed);
      this.timer = setTimeout(() => this.save(), Math.min(60000, 2000 * 2 ** this.failures));
    } finally {
      this.isSaving = false;
      if (!this.failures && this.isDirty()) this.touch();
    }
  }

  onConflict(answer) {
    this.isStopped = true; // the work stays in the form; the person decides
    this.say("conflict", answer.message || words.save_failed);
    if (!answer.url || !this.place) return;
    const link = document.createElement("a");
    link.href = answer.url;
    link.textContent = answer.label || answer.url;
    this.place.append(" ", link);
  }
}

function askBeforeLeaving(form) {
  const before = read(form);
  let isSent = false;
  form.addEventListener("submit", () => { isSent = true; });
  form.addEventListener("htmx:afterRequest", () => { isSent = false; });
  window.addEventListener("beforeunload", (event) => { if (form.isConnected && !isSent && read(form) !== before) event.preventDefault(); });
}

export function enhance(root) {
  for (const [selector, begin] of [["form[data-autosave-url]", (form) => new Autosave(form)], ["form[data-ask-before-leaving]", askBeforeLeaving]]) {
    for (const form of root.querySelectorAll(`${selector}:not([data-guarded])`)) { form.dataset.guarded = ""; begin(form); }
  }
}
enhance(document);
document.addEventListener("htmx:load", (event) => enhance(event.detail.elt));
