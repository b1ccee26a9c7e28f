// The page of one group of runs.

function drawRun(row) {
  const found = data(`run-${row.slug}`);
  const items = data(`items-${row.arena}`) ?? {};
  const { metric } = data("board");
  put("run",
    element("p", {}, element("a", { href: "#board" }, "← Leaderboard")),
    element("h1", { tabindex: "-1" }, `${row.model} on ${row.dataset}`),
    row.words ? element("p", { class: "words" }, row.words) : null,
    headline(row, metric),
    curvesPart(found.curves),
    metricsPart(found.metrics),
    groupsPart(found.groups, metric),
    attributionPart(found.attribution, metric),
    peoplePart(found.people, items),
    mapsPart(found.maps, items),
    smoothnessPart(found.smoothness),
    settingsPart(found.settings),
    originPart(found.origin));
}

function headline(row, metric) {
  const [mean, deviation, low, high] = row.test;
  const facts = [
    [`test ${metric}`, isNumber(deviation) ? `${asMetric(mean)} ± ${asMetric(deviation)}` : asMetric(mean)],
    ["95 % interval", isNumber(low) ? `${asMetric(low)} – ${asMetric(high)}` : "–"],
    ["against the best", againstCell(row)],
    [row.seeds.length === 1 ? "seed" : "seeds", row.seeds.join(", ")],
    ["minutes in all", asAmount(row.minutes)],
    ["memory", isNumber(row.memory) ? `${asAmount(row.memory)} MiB` : "–"],
    ["parameters", asAmount(row.parameters)],
  ];
  return element("dl", { class: "facts" }, ...facts.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
}

function curvesPart(curves) {
  if (!curves) return part("Curves", note("There are no epochs: the model is fitted in one step."));
  const name = (panel) => panel.replace("val/", "validation ").replace("loss/", "loss: ");
  const signs = curves.runs.map((run, place) => [
    drawn("g", {}, drawn("line", { class: `line c${place % 8}`, x1: 0, x2: 28, y1: 7, y2: 7, "stroke-dasharray": DASHES[place % 8] }),
      mark(SHAPES[place % 8], 14, 7, 4, { class: `mark c${place % 8}` })), `seed ${run.seed}, best epoch ${run.best ?? "–"}`]);
  const cut = curves.runs.filter((run) => run.resumed.length)
    .map((run) => `Seed ${run.seed} was cut off and resumed at epoch ${run.resumed.join(", ")} (upright lines). `).join("");
  return part("Curves", element("div", { class: "plots" }, ...curves.panels.map((panel, place) => curve(name(panel), curves.runs, place))),
    legend(signs), cut ? note(cut) : null);
}
