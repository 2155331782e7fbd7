/* Runs before anything is painted, so that the page never flashes: sets the chosen colours.
   Without a choice the system decides; without JavaScript the style sheet does. */
(function () {
  "use strict";
  var root = document.documentElement;
  var query = window.matchMedia("(prefers-color-scheme: dark)");
  function chosen() {
    try { return localStorage.getItem("focal-theme"); } catch (error) { return null; }
  }
  function apply() {
    var choice = chosen();
    root.dataset.bsTheme = choice === "light" || choice === "dark" ? choice : query.matches ? "dark" : "light";
    root.dataset.themeChoice = choice || "auto";
  }
  apply();
  query.addEventListener("change", apply);
  document.addEventListener("focal:theme", apply);
})();
