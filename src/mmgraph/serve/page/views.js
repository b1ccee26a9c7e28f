// The three views: the start, a user, an item.

import { get } from "./api.js";
import { announce, bar, count, element, shown, view } from "./elements.js";
import { card, facts, factsOf, picture, titleOf } from "./items.js";
import { why } from "./why.js";

const STEP = 10;

export async function startView() {
  const [users, items] = await Promise.all([get("users", { limit: 8 }), get("items", { limit: 12 })]);
  announce("Choose a user or an item");
  return [
    element("div", { class: "lead" },
      heading("Who, or what?"),
      element("p", {}, "Choose a user to see what is recommended and why, or an item to see what is like it.")),
    part("Some users", element("ul", { class: "chips" },
      ...users.users.map((id) => element("li", {}, element("a", { href: view("user", id) }, id))))),
    part("Some items", element("ul", { class: "cards" }, ...items.items.map((item) => card(item)))),
  ];
}

export async function userView(user) {
  const history = await get("history", { user, details: true });
  const list = element("ol", { class: "ranked" });
  const first = await get("recommend", { user, k: STEP, details: true });
  fillList(list, user, first.items);
  announce(`${count(first.items.length, "recommendation")} for ${user}`);
  const rest = history.total - history.items.length;
  return [
    element("div", { class: "lead" }, element("p", { class: "kind" }, "User"), heading(user)),
    element("div", { class: "columns" },
      part("Recommended", list, first.items.length === STEP ? moreButton(list, user) : null),
      part(`History, ${count(history.total, "item")}`,
        element("ul", { class: "cards strip", tabindex: "0", "aria-label": `History of ${user}` },
          ...history.items.map((item) => card(item))),
        rest ? element("p", { class: "note" }, `and ${count(rest, "more item")}`) : null)),
  ];
}

export async function itemView(id) {
  const item = await get("item", { item: id });
  const similar = await get("similar", { item: id, k: 12, details: true }).catch((error) => error);
  const title = titleOf(item);
  announce(`${title}, and what is like it`);
  return [
    element("div", { class: "item" },
      picture(item, "large"),
      element("div", {}, element("p", { class: "kind" }, "Item"), heading(title), facts(item))),
    part("Similar items", similar instanceof Error ? element("p", { class: "note" }, similar.message) :
      element("ul", { class: "cards" },
        ...similar.items.map((other) => card(other, `cosine ${shown(other.score)}`)))),
  ];
}

export function messageView(error) {
  announce(error.message);
  const close = error.close ?? [];
  return [
    element("div", { class: "lead" }, heading("That did not work"), element("p", {}, error.message)),
    close.length ? part("Did you mean", element("ul", { class: "chips" },
      ...close.map((id) => element("li", {}, element("a", { href: view(error.kind, id) }, id))))) : null,
  ];
}

function fillList(list, user, items) {
  const best = items[0]?.score ?? 1;
  list.replaceChildren(...items.map((item) => element("li", {},
    picture(item),
    element("div", { class: "text" },
      element("a", { class: "title", href: view("item", item.id) }, titleOf(item)),
      element("span", { class: "note" }, factsOf(item) || (item.title ? item.id : ""))),
    element("span", { class: "measure" },
      best > 0 ? bar(item.score / best) : null,
      element("span", { class: "number" }, element("span", { class: "hidden" }, "score "), shown(item.score, 3))),
    why(user, item))));
}

function moreButton(list, user) {
  const button = element("button", { type: "button", onclick: more }, `Show ${STEP} more`);
  async function more() {
    const before = list.children.length;
    const { limits } = await get("run");
    const k = Math.min(before + STEP, limits.k_max);
    const { items } = await get("recommend", { user, k, details: true });
    fillList(list, user, items);
    announce(`${count(items.length, "recommendation")} for ${user}`);
    if (items.length < before + STEP) button.remove();
    list.children[before]?.querySelector("a").focus();
  }
  return button;
}

function part(title, ...children) {
  return element("section", { class: "part" }, element("h2", {}, title), ...children);
}

function heading(text) {
  return element("h1", { tabindex: "-1" }, text);
}
