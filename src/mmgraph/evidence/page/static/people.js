// Some users, and maps of the items.

function itemCard(items, row, extra = null, properties = {}) {
  const item = items[row];
  const title = item.title ?? item.id;
  const picture = item.picture ? element("img", { src: item.picture, alt: "", width: 44, height: 44, loading: "lazy" }) :
    element("span", { class: "letter", "aria-hidden": "true" }, [...title][0] ?? "");
  return element("li", { ...properties, title: `${title} (${item.id})` }, picture,
    element("span", { class: "text" }, element("span", {}, title), element("span", { class: "soft" }, item.note ?? item.id)), extra);
}

function peoplePart(people, items) {
  if (!people?.length) return null;
  return part("Some users", ...people.map((one) => person(one, items)));
}

function person(one, items) {
  const more = (all, shown) => all > shown ? note(`and ${(all - shown).toLocaleString("en")} more`) : null;
  const list = (title, all, entries) => element("div", {}, element("h3", {}, title),
    element("ul", { class: "items" }, ...entries), more(all, entries.length));
  const recommended = one.recommended.map(([row, score, hit]) => itemCard(items, row,
    hit ? element("strong", { class: "hit" }, "✓ hit") : element("span", { class: "soft" }, isNumber(score) ? asAmount(score) : ""), { class: hit ? "is-hit" : null }));
  const hidden = one.hidden.map(([row, rank]) => itemCard(items, row,
    rank ? element("strong", { class: "hit" }, `✓ rank ${rank}`) : element("span", { class: "soft" }, "not in the list"), { class: rank ? "is-hit" : null }));
  const hits = one.recommended.filter(([, , hit]) => hit).length;
  return element("details", { class: "person", open: "" },
    element("summary", {}, element("strong", {}, `User ${one.user}`), ` – ${count(hits, "hit")} in ${one.recommended.length}, ${one.hidden_in_all} hidden`),
    element("div", { class: "columns" },
      list(`Recommended`, one.recommended.length, recommended),
      list(`Hidden, ${one.hidden_in_all}`, one.hidden_in_all, hidden),
      list(`Had, ${one.had_in_all}`, one.had_in_all, one.had.map((row) => itemCard(items, row)))));
}

const METHOD_NAMES = { pca: "PCA", tsne: "t-SNE", umap: "UMAP" };

function mapsPart(maps, items) {
  if (!maps) return null;
  const seen = [...new Set(maps.label)].sort((a, b) => a - b);
  return part("Maps of the items",
    element("div", { class: "plots" }, ...Object.keys(maps.places).map((method) => map(maps, method, items))),
    legend(seen.map((label) => [mark(SHAPES[label % 8], 14, 7, 4, { class: `mark c${label % 8}` }), maps.names[label]])),
    note(`${maps.items.length.toLocaleString("en")} of ${count(maps.count, "item")}, by their final vectors. Axes mean nothing.`));
}

function map(maps, method, items) {
  const svg = drawn("svg", { viewBox: "-20 -20 1040 1040", class: "map", role: "img", "aria-label": `${METHOD_NAMES[method]} of the items` });
  maps.places[method].forEach(([x, y], place) => {
    const label = maps.label[place];
    const item = items[maps.items[place]];
    const sign = mark(SHAPES[label % 8], x, y, 8, { class: `mark c${label % 8}` });
    sign.append(drawn("title", {}, `${item.title ?? item.id} – ${maps.names[label]}`));
    svg.append(sign);
  });
  return element("figure", {}, svg, element("figcaption", {},
    `${METHOD_NAMES[method]}; of the ten nearest of each item ${asPercent(maps.kept[method])} are among its ten nearest here`));
}
