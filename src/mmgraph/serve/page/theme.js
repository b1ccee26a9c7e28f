// Light, dark, or what the system says.

const KEPT = "mmgraph-theme";
const NAMES = { auto: "Theme: system", light: "Theme: light", dark: "Theme: dark" };
const SIGNS = { auto: "◐", light: "○", dark: "●" };
const button = document.getElementById("theme");

export function startTheme() {
  set(localStorage.getItem(KEPT) ?? "auto");
  button.addEventListener("click", () => {
    const names = Object.keys(NAMES);
    set(names[(names.indexOf(document.documentElement.dataset.theme) + 1) % names.length]);
  });
}

function set(name) {
  const known = name in NAMES ? name : "auto";
  document.documentElement.dataset.theme = known;
  localStorage.setItem(KEPT, known);
  button.textContent = SIGNS[known];
  button.setAttribute("aria-label", NAMES[known]);
  button.title = NAMES[known];
}
