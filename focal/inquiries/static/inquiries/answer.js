/* Answering: whom to ask instead is only asked of those who say 'not us'. */

for (const form of document.querySelectorAll("[data-answering]")) {
  const follow = () => {
    const chosen = form.querySelector("input[name='sort']:checked")?.value;
    for (const part of form.querySelectorAll("[data-for-sort]")) part.hidden = part.dataset.forSort !== chosen;
  };
  form.addEventListener("change", follow);
  follow();
}
