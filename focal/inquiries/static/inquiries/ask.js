/* Asking: one click adds who is likely to know to those who are asked. What lies near the question
   is fetched by htmx. The form works the same without this script, by its buttons. */

const form = document.getElementById("ask-form");
const place = document.getElementById("near");

function find(button) {
  const [field, value] = button.value.split(":");
  const select = form.querySelector(`select[name="${CSS.escape(field)}"]`);
  return { select, option: [...(select?.options || [])].find((item) => item.value === value) };
}

function mark() {
  for (const button of place.querySelectorAll("[data-add-recipient]")) {
    const { option } = find(button);
    button.hidden = Boolean(option?.selected);
    button.parentElement.querySelector(".added").textContent = option?.selected ? place.dataset.added : "";
  }
}

place.addEventListener("click", (event) => {
  const button = event.target.closest("[data-add-recipient]");
  if (!button) return;
  const { select, option } = find(button);
  if (!option) return; // the form's own way
  event.preventDefault();
  if (select.closest("fieldset")?.disabled) {
    button.parentElement.querySelector(".added").textContent = place.dataset.notTaken;
    return;
  }
  option.selected = true;
  select.dispatchEvent(new Event("change", { bubbles: true }));
});

/* One sentence is said aloud of what was found, not the whole list each time. */
function say() {
  const said = place.querySelector("[data-said]")?.dataset.said || "";
  const status = document.getElementById("near-said");
  if (status.textContent !== said) status.textContent = said;
}

form.addEventListener("change", mark);
document.addEventListener("htmx:load", () => { mark(); say(); });
mark();
