// Items: pictures, titles, what the table says of them.

import { pictureAddress } from "./api.js";
import { count, element, view } from "./elements.js";

const NOT_SHOWN = ["title", "name", "image"];

export function titleOf(item) {
  return item.title ?? item.id;
}

/** What the table says of an item beside its title, in a line. */
export function factsOf(item) {
  const columns = Object.entries(item.columns ?? {}).filter(([name]) => !NOT_SHOWN.includes(name));
  return columns.slice(0, 3).map(([, value]) => value).join(" · ");
}

/** The picture of an item, or a tile with the first letter of its title. */
export function picture(item, size = "") {
  const tile = element("span", { class: `picture ${size}`, "aria-hidden": "true" });
  if (item.image) {
    const image = element("img", { alt: "", loading: "lazy", decoding: "async" });
    pictureAddress(item.image).then((address) => { image.src = address; });
    tile.append(image);
  } else {
    tile.append([...titleOf(item).trim()][0]?.toUpperCase() ?? "");
    tile.style.setProperty("--hue", hue(item.columns?.category ?? titleOf(item)));
  }
  return tile;
}

/** A small card that leads to an item. */
export function card(item, note = "") {
  return element("li", { class: "card" },
    element("a", { href: view("item", item.id) },
      picture(item),
      element("span", { class: "title" }, titleOf(item)),
      element("span", { class: "note" }, note || factsOf(item))));
}

/** All that the table says of an item. */
export function facts(item) {
  const list = element("dl", { class: "facts" });
  const entries = Object.entries(item.columns ?? {}).filter(([name]) => !NOT_SHOWN.includes(name));
  for (const [name, value] of [["id", item.id], ...entries]) {
    list.append(element("div", {}, element("dt", {}, name), element("dd", {}, value)));
  }
  list.append(element("div", {}, element("dt", {}, "known by"), element("dd", {}, count(item.users ?? 0, "user"))));
  return list;
}

/** A colour of its own for each text, the same one every time. */
function hue(text) {
  let sum = 0;
  for (const character of text) sum = (sum * 31 + character.codePointAt(0)) % 360;
  return sum;
}
