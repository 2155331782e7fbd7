/* The lists that a marking does not take cannot be filled in, and a sentence says why.
   The server refuses them all the same. */

function follow(chooser) {
  const chosen = chooser.querySelector("input[name='marking']:checked")?.value || "";
  for (const part of chooser.querySelectorAll("[data-takes]")) {
    const fits = !chosen || part.dataset.takes.split(" ").includes(chosen);
    part.hidden = !fits;
    if (part.tagName === "FIELDSET") part.disabled = !fits;
  }
  for (const reason of chooser.querySelectorAll("[data-reason-for]")) {
    reason.hidden = reason.dataset.reasonFor !== chosen;
  }
}

/* The count stands beside the button as well, which is always in sight: what was read aloud once
   is not read aloud again. */
function repeat(part) {
  const form = part.closest?.("form");
  const bar = form?.querySelector(".form-bar");
  const seen = form?.querySelector("[data-sharing-chooser] .seen-by");
  if (!bar || !seen) return;
  const count = seen.querySelector(".people-count");
  let place = bar.querySelector(".audience-said");
  if (!place) {
    place = document.createElement("span");
    place.className = "audience-said";
    place.setAttribute("aria-hidden", "true");
    bar.append(place);
  }
  place.textContent = count ? `${seen.querySelector("h3").textContent}: ${count.textContent}` : "";
}

export function enhance(root) {
  for (const chooser of root.querySelectorAll("[data-sharing-chooser]:not([data-ready])")) {
    chooser.dataset.ready = "";
    chooser.addEventListener("change", () => follow(chooser));
    follow(chooser);
  }
}
enhance(document);
document.addEventListener("htmx:load", (event) => { enhance(event.detail.elt); repeat(event.detail.elt); });
