// The leaderboard: filters, a table that is sorted by any column, and cost against quality.

const board = { sort: null, descending: false, rows: [] };
const shares = (row) => row.against && (row.against.best || !row.against.apart);
/** What a row can have; a column of which no row has a value is left out. */
let columns = [
  { name: "Model", key: (row) => `${row.model} ${row.words}`.toLowerCase(), cell: modelCell },
  { name: "Data set", key: (row) => `${row.dataset} ${row.arena}`.toLowerCase(), cell: (row) => row.dataset },
  { name: "Test", key: (row) => row.test[0], cell: (row) => withDeviation(row.test), numeric: true },
  { name: "95 % interval", key: (row) => row.test[2], cell: intervalCell, numeric: true },
  { name: "Against the best", key: (row) => row.against && (row.against.best ? 2 : row.against.p), cell: againstCell, numeric: true },
  { name: "Validation", key: (row) => row.val[0], cell: (row) => withDeviation(row.val), numeric: true },
  { name: "Seeds", key: (row) => row.seeds.length, cell: (row) => String(row.seeds.length), numeric: true },
  { name: "s an epoch", key: (row) => row.epoch_seconds, cell: (row) => asAmount(row.epoch_seconds), numeric: true },
  { name: "Minutes in all", key: (row) => row.minutes, cell: (row) => asAmount(row.minutes), numeric: true },
  { name: "Memory, MiB", key: (row) => row.memory, cell: (row) => asAmount(row.memory), numeric: true },
  { name: "Parameters", key: (row) => row.parameters, cell: (row) => asAmount(row.parameters), numeric: true },
];

function drawBoard() {
  const { rows, metric, notes } = data("board");
  columns = columns.filter(({ key }) => rows.some((row) => (key(row) ?? null) !== null));
  board.rows = rows.map((row, place) => ({ row, place, text: `${row.model} ${row.words} ${row.dataset}`.toLowerCase(), line: null }));
  const table = element("table", { class: "board" },
    element("caption", {}, `${metric}, mean ± deviation over seeds`),
    element("thead", {}, element("tr", {}, ...columns.map(headCell))), element("tbody"));
  put("board",
    element("h1", { tabindex: "-1" }, "Leaderboard"),
    filters(rows),
    element("p", { id: "found", role: "status" }),
    element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Leaderboard" }, table),
    note("Interval: Student's, of the mean over users; of several seeds, of each user's mean. " +
      "≈ best: a paired t test over users (Holm's correction within the data set, 5 %) does not tell it apart from the best. " +
      "Deviation between seeds is not in either."),
    element("div", { id: "costs" }),
    notes.length ? part("Notes", element("ul", { class: "notes" }, ...notes.map((text) => element("li", {}, text)))) : null);
  showRows();
}

function headCell(column, place) {
  const button = element("button", { type: "button", onclick: () => sortBy(place) }, column.name);
  return element("th", { scope: "col", "aria-sort": "none", class: column.numeric ? "number" : null }, button);
}

function filters(rows) {
  const choice = (id, label, all, values) => element("label", {}, label,
    element("select", { id, onchange: showRows }, element("option", { value: "" }, all),
      ...[...new Set(values)].sort().map((value) => element("option", { value }, value))));
  return element("form", { class: "filters", role: "search", onsubmit: (event) => event.preventDefault() },
    element("label", {}, "Search", element("input", { id: "search", type: "search", autocomplete: "off", placeholder: "model, word, data set", oninput: showRows })),
    choice("dataset", "Data set", "all", rows.map((row) => row.dataset)),
    choice("model", "Model", "all", rows.map((row) => row.model)));
}

/** Sorts by a column; once more turns it round. Rows without a value stay at the end. */
function sortBy(place) {
  const first = Boolean(columns[place].numeric);
  board.descending = board.sort === place ? !board.descending : first;
  board.sort = place;
  document.querySelectorAll("table.board th").forEach((cell, number) => {
    const order = board.descending ? "descending" : "ascending";
    cell.setAttribute("aria-sort", number === place ? order : "none");
  });
  showRows();
}

function compared(one, other) {
  if (board.sort === null) return one.place - other.place;
  const [a, b] = [one, other].map(({ row }) => columns[board.sort].key(row));
  const absent = (value) => value === null || value === undefined;
  if (absent(a) || absent(b)) return absent(a) - absent(b) || one.place - other.place;
  const order = a < b ? -1 : a > b ? 1 : 0;
  return (board.descending ? -order : order) || one.place - other.place;
}

function showRows() {
  const value = (id) => document.getElementById(id).value;
  const words = value("search").toLowerCase().split(/\s+/).filter(Boolean);
  const shown = board.rows.filter(({ row, text }) => words.every((word) => text.includes(word)) &&
    (!value("dataset") || row.dataset === value("dataset")) && (!value("model") || row.model === value("model")));
  const lines = shown.sort(compared).map((entry) => entry.line ??= line(entry.row));
  document.querySelector("table.board tbody").replaceChildren(...lines);
  document.getElementById("found").textContent = `${shown.length.toLocaleString("en")} of ${count(board.rows.length, "row")}`;
  drawCosts(shown.map(({ row }) => row));
}

function line(row) {
  return element("tr", { class: shares(row) ? "close" : null }, ...columns.map((column, place) => {
    const cell = column.cell(row);
    return element(place ? "td" : "th", { scope: place ? null : "row", class: column.numeric ? "number" : null }, cell);
  }));
}

function modelCell(row) {
  return element("span", {}, element("a", { href: `#run-${row.slug}` }, row.model),
    row.words ? element("span", { class: "words" }, row.words) : null);
}

function withDeviation([mean, deviation]) {
  return isNumber(deviation) ? element("span", {}, asMetric(mean), element("span", { class: "soft" }, ` ± ${asMetric(deviation)}`)) : asMetric(mean);
}

/** The interval as text, and where it lies among those of the data set; what is far below is at the left edge. */
function intervalCell(row) {
  const [mean, , low, high] = row.test;
  if (!isNumber(low)) return "–";
  const [least, most] = spanOf(row.arena);
  const at = (value) => 4 + 82 * Math.max(value - least, 0) / (most - least || 1);
  return element("span", { class: "interval" }, `${asMetric(low)} – ${asMetric(high)}`,
    drawn("svg", { viewBox: "0 0 90 10", width: 90, height: 10, "aria-hidden": "true" },
      drawn("line", { class: "whisker", x1: at(low), x2: at(high), y1: 5, y2: 5 }),
      high < least ? drawn("path", { class: "middle", d: "M6 1L0 5L6 9z" }) : drawn("circle", { class: "middle", cx: at(mean), cy: 5, r: 3 })));
}

/** From the highest end down to the lowest, or eight times the width of the highest interval. */
const spans = new Map();
function spanOf(arena) {
  if (!spans.has(arena)) {
    const found = data("board").rows.filter((row) => row.arena === arena && isNumber(row.test[2])).map((row) => row.test);
    const [, , low, most] = found.reduce((one, other) => other[3] > one[3] ? other : one);
    const least = found.reduce((end, test) => Math.min(end, test[2]), most);
    spans.set(arena, [Math.max(least, most - 8 * (most - low)), most]);
  }
  return spans.get(arena);
}

function againstCell(row) {
  if (!row.against) return "–";
  if (row.against.best) return element("strong", {}, "best");
  return element("span", {}, row.against.apart ? "" : element("strong", {}, "≈ best, "), asP(row.against.p));
}

/** Cost against quality, a plot for each data set that is shown. */
function drawCosts(rows) {
  const timed = rows.filter((row) => row.minutes > 0 && isNumber(row.test[0]));
  const arenas = [...new Set(timed.map((row) => row.arena))];
  const untimed = rows.length - timed.length;
  put("costs", part("Cost against quality",
    element("div", { class: "plots wide" }, ...arenas.map((arena) => costs(timed.filter((row) => row.arena === arena)))),
    legend([
      [mark("diamond", 14, 7, 4, { class: "mark c1" }), "none is better in less time"],
      [mark("square", 14, 7, 4, { class: "mark c2" }), "not told apart from the best"],
      [mark("circle", 14, 7, 4, { class: "mark c0" }), "others"],
    ]),
    untimed ? note(`${count(untimed, "row")} without a time or a test metric: not in the picture.`) : null));
}

function costs(rows) {
  const { metric } = data("board");
  const ordered = [...rows].sort((a, b) => a.minutes - b.minutes || b.test[0] - a.test[0]);
  let best = -Infinity;
  const front = ordered.filter((row) => row.test[0] > best && (best = row.test[0], true));
  const title = `${rows[0].dataset}: test ${metric} against minutes of training`;
  const width = isNarrow() ? 400 : 700;
  const plot = frame({ width, height: 340, xs: rows.map((row) => row.minutes), ys: rows.map((row) => row.test[0]),
    logX: true, xName: "minutes of training, log scale", yName: `test ${metric}`, title });
  plot.svg.append(drawn("polyline", { class: "front", points: stairs(front, plot) }));
  for (const row of ordered) {
    const [x, y] = [plot.x(row.minutes), plot.y(row.test[0])];
    const onFront = front.includes(row);
    const [kind, colour] = onFront ? ["diamond", "c1"] : shares(row) ? ["square", "c2"] : ["circle", "c0"];
    const name = `${row.model} ${row.words}`.trim();
    plot.svg.append(drawn("a", { href: `#run-${row.slug}`, "aria-label": `${name}: ${asMetric(row.test[0])} in ${asAmount(row.minutes)} minutes` },
      drawn("title", {}, `${name}\n${metric} ${asMetric(row.test[0])}, ${asAmount(row.minutes)} minutes`),
      mark(kind, x, y, 4.5, { class: `mark ${colour}` })));
    if (onFront) plot.svg.append(label(row.model, x, y, width));
  }
  return element("figure", {}, plot.svg, element("figcaption", {}, title));
}

/** The front as a line that climbs where a better one is found. */
function stairs(front, plot) {
  const at = (row) => [plot.x(row.minutes), plot.y(row.test[0])];
  return front.flatMap((row, place) => {
    const [x, y] = at(row);
    return place ? [[x, at(front[place - 1])[1]], [x, y]] : [[x, y]];
  }).map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
}

function label(text, x, y, width) {
  const right = x > .8 * width;
  return drawn("text", { class: "label", x: x + (right ? -9 : 9), y: y + 14, "text-anchor": right ? "end" : "start" }, text);
}
