// Where a recommendation came from.

import { get } from "./api.js";
import { bar, element, shown, view } from "./elements.js";
import { picture, titleOf } from "./items.js";

/** A part that opens on demand, and asks the service then. */
export function why(user, item) {
  const body = element("div", { class: "why" });
  const details = element("details", {}, element("summary", {}, "Why?"), body);
  details.addEventListener("toggle", () => fill(body, user, item), { once: true });
  return details;
}

async function fill(body, user, item) {
  body.replaceChildren(element("p", { class: "note" }, "Looking …"));
  try {
    const found = await get("explain", { user, item: item.id, neighbors: 3, details: true });
    body.replaceChildren(neighbors(found.neighbors), modalities(found.modalities));
  } catch (error) {
    body.replaceChildren(element("p", { class: "note" }, error.message));
  }
}

function neighbors(items) {
  const part = element("section", {}, element("h4", {}, "Most like it in the history"));
  if (!items.length) part.append(element("p", { class: "note" }, "This model has no vectors of items to compare."));
  part.append(element("ul", {}, ...items.map((item) => element("li", {},
    element("a", { href: view("item", item.id) }, picture(item, "tiny"), element("span", {}, titleOf(item))),
    measure(item.score)))));
  return part;
}

function modalities(found) {
  const part = element("section", {}, element("h4", {}, "How near it is to the history"));
  if (!found.length) part.append(element("p", { class: "note" }, "No features are at hand to compare."));
  part.append(element("ul", {}, ...found.map((match) => element("li", {},
    element("span", {}, match.name,
      element("span", { class: "note" }, `nearer than ${Math.round(100 * match.closer_than)} % of the items`)),
    measure(match.cosine)))));
  return part;
}

function measure(cosine) {
  const name = `cosine ${shown(cosine)}`;
  return element("span", { class: "measure", title: name }, bar(cosine), element("span", { class: "number" },
    element("span", { class: "hidden" }, "cosine "), shown(cosine)));
}
