/* Charts are drawn by the server. Here one that is touched, pointed at or focused becomes interactive:
   values appear beside the pointer. Drawn by vega-embed with the expression interpreter, so that the
   content policy need not allow code from text. Without this, or when it fails, the picture stays. */

const addresses = document.querySelector("script[data-vendor]")?.dataset.vendor.split(" ") ?? [];
let loading = null;

function addScript(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = resolve;
    script.onerror = () => reject(new Error(address));
    document.head.append(script);
  });
}

async function loadAll() {
  const [vega, lite, embed, interpreter] = addresses;
  await addScript(vega);
  await addScript(lite);
  await addScript(embed);
  return import(interpreter);
}

function load() {
  loading ??= loadAll();
  return loading;
}

// Colours by name, as the page has them now.
function dress(value, names, styles) {
  if (typeof value === "string") {
    const name = names[value.toLowerCase()];
    return (name && styles.getPropertyValue(`--${name}`).trim()) || value;
  }
  if (Array.isArray(value)) return value.map((part) => dress(part, names, styles));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, dress(part, names, styles)]));
  }
  return value;
}

const isPhone = window.matchMedia("(max-width: 575.98px)");
const drawn = new Map();

async function draw(place) {
  let state = drawn.get(place);
  if (!state) {
    const response = await fetch(place.dataset.chart, { headers: { Accept: "application/json" } });
    if (!response.ok) return;
    state = { chart: await response.json(), holder: document.createElement("div") };
    state.holder.className = "chart-live";
    state.holder.setAttribute("aria-hidden", "true"); // the picture, summary and table say it
    drawn.set(place, state);
  }
  const { expressionInterpreter } = await load();
  const { chart, holder } = state;
  const styles = getComputedStyle(document.documentElement);
  const spec = dress((isPhone.matches && chart.narrow) || chart.spec, chart.names, styles);
  const next = document.createElement("div");
  state.view?.finalize();
  const result = await globalThis.vegaEmbed(next, spec, {
    renderer: "svg",
    actions: false,
    ast: true,
    expr: expressionInterpreter,
    defaultStyle: false,
    loader: { load: () => Promise.reject(new Error("A chart asks nobody for anything.")) },
    tooltip: { disableDefaultStyle: true, theme: "focal" },
    formatLocale: chart.numbers,
    timeFormatLocale: chart.times,
  });
  state.view = result.view;
  holder.replaceChildren(next);
  if (!holder.isConnected) place.append(holder);
  place.classList.add("is-live");
}

function enliven(place) {
  draw(place).catch(() => place.classList.remove("is-live"));
}

function watch(root) {
  for (const place of root.querySelectorAll?.("[data-chart]") ?? []) {
    for (const name of ["pointerenter", "focusin", "touchstart"]) {
      place.addEventListener(name, () => enliven(place), { once: true, passive: true });
    }
  }
}
watch(document);
document.addEventListener("htmx:afterSwap", (event) => watch(event.detail.target));
document.addEventListener("focal:theme", () => drawn.forEach((_state, place) => place.isConnected && enliven(place)));
isPhone.addEventListener("change", () => drawn.forEach((_state, place) => place.isConnected && enliven(place)));
