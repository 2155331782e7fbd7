/* Rich text. A <textarea data-rich-text="address of the editor's module"> gets an editor with a
   toolbar of real buttons; the textarea stays, holds the HTML and is what the form sends.
   The editor (django-prose-editor, on Tiptap) is told not to write styles into the page: the
   content security policy would refuse them, and editing.css has what it needs. */

const wordsElement = document.getElementById("editing-words");
const words = wordsElement ? JSON.parse(wordsElement.textContent) : {};

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const BUTTONS = [
  ["paragraph", "¶", (chain) => chain.setParagraph(), ["paragraph"]],
  ["heading", "H2", (chain) => chain.toggleHeading({ level: 2 }), ["heading", { level: 2 }]],
  ["subheading", "H3", (chain) => chain.toggleHeading({ level: 3 }), ["heading", { level: 3 }]],
  ["bold", "B", (chain) => chain.toggleBold(), ["bold"]],
  ["italic", "I", (chain) => chain.toggleItalic(), ["italic"]],
  ["bullets", "•", (chain) => chain.toggleBulletList(), ["bulletList"]],
  ["numbers", "1.", (chain) => chain.toggleOrderedList(), ["orderedList"]],
  ["quote", "”", (chain) => chain.toggleBlockquote(), ["blockquote"]],
  ["link", "", null, ["link"]],
  ["undo", "↶", (chain) => chain.undo(), null],
  ["redo", "↷", (chain) => chain.redo(), null],
];

/* Plain text, as it is typed where no script runs, becomes paragraphs before it is shown. */
function toHtml(text) {
  if (/<\/?(p|br|h[1-6]|ul|ol|li|blockquote|strong|b|em|i|sub|sup|a|hr|table)(\s[^<>]*)?\/?>/i.test(text)) return text;
  const place = document.createElement("div");
  for (const part of text.split(/\n\s*\n/)) {
    if (part.trim()) place.append(make("p", {}, part.trim()));
  }
  return place.innerHTML.replaceAll("\n", "<br>");
}

/* A block of the text may carry a marking of its own; the server keeps it apart from the rest. */
function makePortions(core) {
  return core.Extension.create({
    name: "portionMarking",
    addGlobalAttributes() {
      return [{
        types: ["paragraph", "heading", "bulletList", "orderedList", "blockquote", "table"],
        attributes: {
          marking: {
            default: null,
            parseHTML: (element) => element.getAttribute("data-marking"),
            renderHTML: (attributes) => (attributes.marking ? { "data-marking": attributes.marking } : {}),
          },
        },
      }];
    },
  });
}

class RichText {
  constructor(textarea, core) {
    this.textarea = textarea;
    const label = document.querySelector(`label[for="${CSS.escape(textarea.id)}"]`);
    this.place = make("div", { class: "rich-text" });
    this.place.tabIndex = -1;
    textarea.before(this.place);
    textarea.hidden = true;
    const attributes = { role: "textbox", "aria-multiline": "true", class: "prose rich-text-area", spellcheck: "true" };
    if (label) {
      label.id ||= `${textarea.id}_label`;
      attributes["aria-labelledby"] = label.id;
      label.addEventListener("click", (event) => { event.preventDefault(); this.editor.commands.focus(); });
    }
    if (textarea.lang) attributes.lang = textarea.lang;
    for (const name of ["aria-describedby", "aria-invalid"]) {
      if (textarea.hasAttribute(name)) attributes[name] = textarea.getAttribute(name);
    }
    this.editor = new core.Editor({
      element: this.place,
      injectCSS: false,
      content: toHtml(textarea.value),
      extensions: [
        core.Document, core.Paragraph, core.Text, core.HardBreak, core.Gapcursor,
        core.Heading.configure({ levels: [2, 3, 4] }), core.Bold, core.Italic, core.Subscript,
        core.Superscript, core.BulletList, core.OrderedList.configure({ enableListAttributes: false }),
        core.ListItem, core.Blockquote, core.HorizontalRule, core.History,
        core.Link.configure({ openOnClick: false, enableTarget: false, autolink: true, protocols: ["http", "https", "mailto"] }),
        core.Table.configure({ resizable: false }), core.TableRow, core.TableHeader, core.TableCell,
        ...(textarea.dataset.takesPortions === "yes" ? [makePortions(core)] : []),
      ],
      editorProps: { attributes },
      onUpdate: () => this.write(),
      onSelectionUpdate: () => this.draw(),
      onTransaction: () => this.draw(),
    });
    this.makeToolbar();
    this.draw();
    textarea.addEventListener("focus", () => this.editor.commands.focus());
    textarea.richText = this;
  }

  write() {
    const html = this.editor.isEmpty ? "" : this.editor.getHTML();
    if (html === this.textarea.value) return;
    this.textarea.value = html;
    this.textarea.dispatchEvent(new Event("input", { bubbles: true }));
  }

  makeToolbar() {
    this.bar = make("div", { class: "rich-text-bar", role: "toolbar", "aria-label": words.toolbar, "aria-controls": this.textarea.id });
    this.buttons = BUTTONS.map(([name, sign, command, active], index) => {
      const button = make("button", { type: "button", "aria-label": words[name], title: words[name], "data-name": name, tabindex: index ? "-1" : "0" });
      if (sign) button.dataset.sign = sign; // drawn by the style sheet: it is no part of the name
      else button.append(this.icon("link-45deg"));
      button.addEventListener("mousedown", (event) => event.preventDefault());
      button.addEventListener("click", () => (command ? command(this.editor.chain().focus()).run() : this.openLink()));
      this.bar.append(button);
      return { button, active };
    });
    this.bar.addEventListener("keydown", (event) => this.onKey(event));
    if (words.markings && this.textarea.dataset.takesPortions === "yes") this.bar.append(this.makeMarkings());
    this.place.prepend(this.bar);
    this.linkRow = make("div", { class: "rich-text-link" });
    this.linkRow.hidden = true;
    this.bar.after(this.linkRow);
  }

  icon(name) {
    const file = document.querySelector("svg use")?.getAttribute("href")?.split("#")[0] || "";
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `${file}#${name}`);
    svg.append(use);
    return svg;
  }

  makeMarkings() {
    this.marking = make("select", { class: "form-select", "aria-label": words.marking, title: words.marking });
    for (const [value, label] of words.markings) this.marking.append(make("option", { value }, label));
    for (const name of ["input", "change"]) this.marking.addEventListener(name, (event) => event.stopPropagation());
    this.marking.addEventListener("change", () => this.mark(this.marking.value || null));
    return this.marking;
  }

  /* Whole blocks alone are marked: those that the selection touches. */
  mark(marking) {
    const { state, view } = this.editor;
    const change = state.tr;
    state.doc.nodesBetween(state.selection.from, state.selection.to, (node, place, parent) => {
      if (parent === state.doc && "marking" in node.attrs) change.setNodeMarkup(place, undefined, { ...node.attrs, marking });
      return false;
    });
    view.dispatch(change);
    this.editor.commands.focus();
  }

  onKey(event) {
    if (event.target.tagName === "SELECT") return;
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = this.buttons.map((entry) => entry.button);
    const at = buttons.indexOf(document.activeElement);
    const next = buttons[(at + step + buttons.length) % buttons.length];
    buttons.forEach((button) => { button.tabIndex = button === next ? 0 : -1; });
    next.focus();
  }

  draw() {
    const from = this.editor?.state.selection.$from;
    if (this.marking && from) this.marking.value = (from.depth && from.node(1).attrs.marking) || "";
    for (const { button, active } of this.buttons || []) {
      if (active) button.setAttribute("aria-pressed", String(this.editor.isActive(...active)));
    }
  }

  openLink() {
    const isLink = this.editor.isActive("link");
    const row = this.linkRow;
    if (!isLink && this.editor.state.selection.empty) {
      row.replaceChildren(make("p", { role: "status" }, words.link_needs_text));
      row.hidden = false;
      setTimeout(() => { row.hidden = true; }, 4000);
      return;
    }
    const id = `${this.textarea.id}_link`;
    const input = make("input", { class: "form-control", type: "text", inputmode: "url", id });
    input.value = this.editor.getAttributes("link").href || "https://";
    const close = () => { row.hidden = true; this.editor.commands.focus(); };
    const set = () => {
      const chain = this.editor.chain().focus().extendMarkRange("link");
      const address = input.value.trim();
      if (address && address !== "https://") chain.setLink({ href: /^[a-z]+:/i.test(address) ? address : `https://${address}` }).run();
      else chain.unsetLink().run();
      row.hidden = true;
    };
    const button = (label, action, css) => {
      const made = make("button", { type: "button", class: `btn btn-sm ${css}` }, label);
      made.addEventListener("click", action);
      return made;
    };
    row.replaceChildren(make("label", { for: id }, words.link_address), input, button(words.link_set, set, "btn-primary"));
    if (isLink) row.append(button(words.link_remove, () => { input.value = ""; set(); }, "btn-secondary"));
    row.append(button(words.cancel, close, "btn-secondary"));
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") { event.preventDefault(); set(); }
      if (event.key === "Escape") close();
    });
    for (const name of ["input", "change"]) input.addEventListener(name, (event) => event.stopPropagation());
    row.hidden = false;
    input.focus();
    input.select();
  }
}

export async function enhance(root) {
  const textareas = [...root.querySelectorAll("textarea[data-rich-text]:not([data-ready])")];
  if (!textareas.length) return;
  textareas.forEach((textarea) => { textarea.dataset.ready = ""; });
  try {
    const core = await import(textareas[0].dataset.richText);
    textareas.filter((textarea) => textarea.isConnected).forEach((textarea) => new RichText(textarea, core));
  } catch (error) {
    console.error("The editor could not be loaded; the plain box takes the text.", error);
  }
}
document.addEventListener("htmx:load", (event) => enhance(event.detail.elt));
await enhance(document);
