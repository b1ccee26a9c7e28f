// Tables of a run's page.

/** A table of texts; numbers are set to the right. */
function table(heads, rows, { numeric = 1, label } = {}) {
  return element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label },
    element("table", {},
      element("thead", {}, element("tr", {}, ...heads.map((head, place) =>
        element("th", { scope: "col", class: place >= numeric ? "number" : null }, head)))),
      element("tbody", {}, ...rows.map((row) => element("tr", {}, ...row.map((cell, place) =>
        element(place ? "td" : "th", { scope: place ? null : "row", class: place >= numeric ? "number" : null }, cell)))))));
}

function metricsPart({ ks, val, test }) {
  const cell = ([mean, deviation, low, high]) => element("span", { class: "stack" },
    withDeviation([mean, deviation]), isNumber(low) ? element("span", { class: "soft" }, `${asMetric(low)} – ${asMetric(high)}`) : null);
  const of = (rows, name) => table([name, ...ks.map((k) => `@${k}`)], rows.map(([metric, ...cells]) => [metric, ...cells.map(cell)]), { label: name });
  return part("Metrics", of(test, "Test"), of(val, "Validation"),
    note("Mean ± deviation over seeds; below it the 95 % interval over users, where single users have a value."));
}

function settingsPart({ all, changed }) {
  const every = element("details", {}, element("summary", {}, `All ${count(all.length, "setting")}`),
    table(["setting", "value"], all, { numeric: 9, label: "All settings" }));
  if (changed === null) return part("Configuration", note("What its model and data set come with cannot be composed here, so nothing is compared."), every);
  const differs = changed.length ?
    table(["setting", "here", "by default"], changed, { numeric: 9, label: "Settings that differ" }) :
    note("Nothing differs from what the model and the data set come with.");
  return part("Configuration", differs, every);
}

function groupsPart(groups, metric) {
  if (!groups?.length) return null;
  const most = Math.max(...groups.map(([, , mean, half]) => (mean ?? 0) + (half ?? 0))) || 1;
  const bar = (mean, half) => drawn("svg", { viewBox: "0 0 200 14", width: 200, height: 14, "aria-hidden": "true" },
    drawn("rect", { class: "c0 bar", x: 0, y: 3, width: 200 * (mean ?? 0) / most, height: 8 }),
    drawn("line", { class: "whisker", x1: 200 * Math.max((mean ?? 0) - (half ?? 0), 0) / most, x2: 200 * ((mean ?? 0) + (half ?? 0)) / most, y1: 7, y2: 7 }));
  return part("Users by activity", table(["interactions in training", "users", `test ${metric}`, ""],
    groups.map(([name, users, mean, half]) => [name, users.toLocaleString("en"), isNumber(half) ? `${asMetric(mean)} ± ${asMetric(half)}` : asMetric(mean), bar(mean, half)]),
    { label: "Users by activity" }), note("±: half of the 95 % interval over the group's users."));
}

function attributionPart(rows, metric) {
  if (!rows?.length) return null;
  const signed = (value) => isNumber(value) ? (value < 0 ? "−" : "+") + Math.abs(value).toFixed(4) : "–";
  return part("What the modalities bring", table(
    ["change", "modalities", "split", "verdict", metric, "changed", "cost", "± over users", "level floor", "paired floor"],
    rows.map(([change, modalities, split, verdict, level, changed, cost, ...rest]) =>
      [change, modalities, split, verdict, asMetric(level), asMetric(changed), signed(cost), ...rest.map(asMetric)]),
    { numeric: 4, label: "Attribution" }),
    note("Floors: twice the deviation over seeds of the level, and of the cost. A cost within them may be chance."));
}

function smoothnessPart(rows) {
  if (!rows?.length) return null;
  const names = ["neighbor_cosine", "random_cosine", "energy", "relative_energy", "user_rank", "item_rank"];
  const heads = ["cosine to neighbours", "cosine to random", "Dirichlet energy", "relative energy", "effective rank, users", "effective rank, items"];
  return part("Over-smoothing", table(["part", "layer", ...heads],
    rows.map((row) => [row.part, row.layer === null ? "" : String(row.layer), ...names.map((name) => isNumber(row[name]) ? row[name].toFixed(3) : "–")]),
    { label: "Over-smoothing" }),
    note("Over-smoothed vectors have a cosine near 1 to neighbours and to random ones alike, a relative energy near 0, and a low rank."));
}

function originPart(runs) {
  const names = [...new Set(runs.flatMap(Object.keys))].filter((name) => name !== "seed");
  return part("Where it comes from", table(["", ...runs.map((run) => `seed ${run.seed}`)],
    names.map((name) => [name, ...runs.map((run) => run[name] ?? "–")]), { numeric: 9, label: "Where it comes from" }));
}
