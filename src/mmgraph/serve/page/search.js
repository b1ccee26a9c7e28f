// The search: a combobox over users (by the beginning of their id) and items (by words of their title).

import { get } from "./api.js";
import { announce, element, view } from "./elements.js";
import { factsOf, picture, titleOf } from "./items.js";

const PAUSE = 150;
const form = document.getElementById("search");
const field = document.getElementById("query");
const box = document.getElementById("matches");
let options = [];
let active = -1;
let timer = 0;
let running = new AbortController();

export function startSearch() {
  field.addEventListener("input", later);
  field.addEventListener("focus", () => { if (field.value.trim()) later(); });
  field.addEventListener("keydown", onKey);
  form.addEventListener("submit", (event) => { event.preventDefault(); choose(Math.max(active, 0)); });
  form.addEventListener("focusout", (event) => { if (!form.contains(event.relatedTarget)) close(); });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.closest("input, dialog")) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(find, PAUSE);
}

async function find() {
  running.abort();
  const query = field.value.trim();
  if (!query) return close();
  running = new AbortController();
  const { signal } = running;
  try {
    const [users, items] = await Promise.all([
      get("users", { prefix: query, limit: 5 }, { signal }),
      get("items", { search: query, limit: 8 }, { signal }),
    ]);
    show(query, users.users, items.items);
  } catch (error) {
    if (error.name !== "AbortError") show(query, [], [], error.message);
  }
}

function show(query, users, items, trouble = "") {
  const groups = [
    group("Users", users.map((id) => option(view("user", id), named(id)))),
    group("Items", items.map((item) => option(view("item", item.id), picture(item, "tiny"),
      named(titleOf(item), factsOf(item))))),
  ].filter((found) => found !== null);
  const nothing = trouble || `No user’s id begins with “${query}”, and no title has these words.`;
  box.replaceChildren(...(groups.length ? groups : [element("p", { class: "nothing" }, nothing)]));
  options = [...box.querySelectorAll("[role=option]")];
  options.forEach((found, place) => {
    found.id = `match-${place}`;
    found.addEventListener("mousedown", (event) => event.preventDefault());
    found.addEventListener("click", () => choose(place));
  });
  box.hidden = false;
  field.setAttribute("aria-expanded", "true");
  mark(-1);
  announce(groups.length ? `${users.length} users and ${items.length} items found` : nothing);
}

function group(name, entries) {
  if (!entries.length) return null;
  return element("div", { role: "group", "aria-label": name },
    element("p", { class: "group", "aria-hidden": "true" }, name), ...entries);
}

function option(address, ...children) {
  return element("div", { role: "option", "data-address": address, "aria-selected": "false" }, ...children);
}

function named(title, note = "") {
  return element("span", { class: "text" }, element("span", { class: "title" }, title),
    element("span", { class: "note" }, note));
}

function onKey(event) {
  if (event.key === "Escape" && !box.hidden) {
    event.preventDefault(); // which would empty the field
    close();
  }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  event.preventDefault();
  if (box.hidden || !options.length) return later();
  const step = event.key === "ArrowDown" ? 1 : -1;
  const first = step === 1 ? 0 : options.length - 1;
  mark(active === -1 ? first : (active + step + options.length) % options.length);
}

function mark(place) {
  options.forEach((found, other) => found.setAttribute("aria-selected", String(other === place)));
  active = place;
  if (place === -1) return field.removeAttribute("aria-activedescendant");
  field.setAttribute("aria-activedescendant", options[place].id);
  options[place].scrollIntoView({ block: "nearest" });
}

async function choose(place) {
  if (box.hidden) {
    clearTimeout(timer);
    await find();
  }
  const chosen = options[place];
  if (!chosen) return;
  const address = chosen.dataset.address;
  close();
  field.value = "";
  field.blur();
  location.hash = address;
}

function close() {
  clearTimeout(timer);
  running.abort();
  box.hidden = true;
  options = [];
  active = -1;
  field.setAttribute("aria-expanded", "false");
  field.removeAttribute("aria-activedescendant");
}
