/* Answering: whom to ask instead is only asked of those who say 'not us'. */

export function enhance(root) {
  for (const form of root.querySelectorAll("[data-answering]:not([data-ready])")) {
    form.dataset.ready = "";
    const follow = () => {
      const chosen = form.querySelector("input[name='sort']:checked")?.value;
      for (const part of form.querySelectorAll("[data-for-sort]")) part.hidden = part.dataset.forSort !== chosen;
    };
    form.addEventListener("change", follow);
    follow();
  }
}
enhance(document);
document.addEventListener("htmx:load", (event) => enhance(event.detail.elt));
