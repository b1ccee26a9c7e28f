// Shows the view that the address names: #user=ID, #item=ID, or the start.

import { get } from "./api.js";
import { count } from "./elements.js";
import { startSearch } from "./search.js";
import { startTheme } from "./theme.js";
import { itemView, messageView, startView, userView } from "./views.js";

const content = document.getElementById("content");
let latest = 0;

async function show({ moveFocus = true } = {}) {
  const [kind, name = ""] = location.hash.slice(1).split("=", 2);
  const turn = ++latest;
  content.setAttribute("aria-busy", "true");
  const parts = await viewOf(kind, name);
  if (turn !== latest) return; // another one was asked for meanwhile
  content.replaceChildren(...parts.filter((part) => part !== null));
  content.removeAttribute("aria-busy");
  const title = content.querySelector("h1");
  document.title = kind ? `${title.textContent} · mmgraph` : "mmgraph";
  if (!moveFocus) return;
  scrollTo(0, 0);
  title.focus({ preventScroll: true });
}

async function viewOf(kind, name) {
  try {
    const id = decodeURIComponent(name);
    if (kind === "user") return await userView(id);
    if (kind === "item") return await itemView(id);
    return await startView();
  } catch (error) {
    return messageView(Object.assign(error, { kind }));
  }
}

async function showAbout() {
  const run = await get("run");
  const model = run.about.model ? `${run.about.model} on ${run.about.dataset}` : run.run;
  document.getElementById("about").textContent =
    `${model}: ${count(run.users, "user")}, ${count(run.items, "item")}. Run ${run.run}.`;
}

startTheme();
startSearch();
addEventListener("hashchange", () => show());
show({ moveFocus: false }).then(showAbout).catch(() => {});
