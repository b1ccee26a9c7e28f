// Pictures as SVG. Series are told apart by colour (Okabe and Ito's, of the style sheet) and by shape or dash.

const SHAPES = ["circle", "square", "triangle", "diamond", "cross", "star", "down", "ring"];
const DASHES = ["", "7 3", "2 3", "9 3 2 3", "12 4", "4 2 1 2", "1 2", "6 2 6 6"];

const narrow = matchMedia("(width < 44rem)");
const isNarrow = () => narrow.matches;

/** Numbers between two ends that people count by. */
function ticks(low, high, wanted = 5) {
  const raw = (high - low) / wanted || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= raw);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(last - first + 1, 0) }, (_, place) => Number(((first + place) * step).toPrecision(12)));
}

/** Powers of ten, and 2 and 5 times these where there are few. */
function logTicks(low, high) {
  const powers = Array.from({ length: Math.ceil(high) - Math.floor(low) + 1 }, (_, place) => Math.floor(low) + place);
  const factors = high - low > 2.5 ? [1] : [1, 2, 5];
  return powers.flatMap((power) => factors.map((factor) => Math.log10(factor) + power))
    .filter((value) => value >= low - 1e-9 && value <= high + 1e-9);
}

/** Ends of an axis with some room, and where a value lies on it. */
function axis(values, { log = false, from, to }) {
  const on = log ? values.map(Math.log10) : values;
  const least = on.reduce((a, b) => Math.min(a, b), Infinity);
  const most = on.reduce((a, b) => Math.max(a, b), -Infinity);
  const room = (most - least) * .06 || Math.abs(most) * .05 || .5;
  const [low, high] = [least - room, most + room];
  const place = (value) => from + ((log ? Math.log10(value) : value) - low) / (high - low) * (to - from);
  const powers = log ? logTicks(low, high).map((value) => 10 ** value) : [];
  const [first, last] = log ? [10 ** low, 10 ** high] : [low, high];
  return { place, marks: powers.length > 1 ? powers : ticks(first, last) };
}

/** A number that has room beside an axis. */
function brief(value) {
  return value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential().replace("e-", "e\u2212") : String(value);
}

/** A plot without its content: axes, marks and names. */
function frame({ width = 640, height = 300, xs, ys, logX = false, xName, yName, title, left = 58 }) {
  const x = axis(xs, { log: logX, from: left, to: width - 16 });
  const y = axis(ys, { from: height - 44, to: 14 });
  const svg = drawn("svg", { viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": title, class: "plot" });
  for (const value of y.marks) {
    const at = y.place(value);
    svg.append(drawn("line", { class: "grid", x1: left, x2: width - 16, y1: at, y2: at }),
      drawn("text", { x: left - 7, y: at + 4, "text-anchor": "end" }, brief(Number(value.toPrecision(4)))));
  }
  for (const value of x.marks) {
    const at = x.place(value);
    svg.append(drawn("line", { class: "grid", x1: at, x2: at, y1: 14, y2: height - 44 }),
      drawn("text", { x: at, y: height - 27, "text-anchor": "middle" }, asAmount(Number(value.toPrecision(3)))));
  }
  svg.append(drawn("text", { x: (left + width - 16) / 2, y: height - 8, "text-anchor": "middle", class: "name" }, xName));
  if (yName) svg.append(drawn("text", { x: -(height - 30) / 2, y: 12, transform: "rotate(-90)", "text-anchor": "middle", class: "name" }, yName));
  return { svg, x: x.place, y: y.place, top: 14, bottom: height - 44 };
}

/** A mark at a place. */
function mark(kind, x, y, size, properties = {}) {
  const s = size;
  const paths = {
    square: `M${x - s} ${y - s}h${2 * s}v${2 * s}h${-2 * s}z`,
    triangle: `M${x} ${y - 1.25 * s}l${1.2 * s} ${2.1 * s}h${-2.4 * s}z`,
    down: `M${x} ${y + 1.25 * s}l${1.2 * s} ${-2.1 * s}h${-2.4 * s}z`,
    diamond: `M${x} ${y - 1.4 * s}l${1.4 * s} ${1.4 * s}l${-1.4 * s} ${1.4 * s}l${-1.4 * s} ${-1.4 * s}z`,
    cross: `M${x - s} ${y - s}l${2 * s} ${2 * s}M${x + s} ${y - s}l${-2 * s} ${2 * s}`,
    star: `M${x - 1.2 * s} ${y}h${2.4 * s}M${x} ${y - 1.2 * s}v${2.4 * s}M${x - s} ${y - s}l${2 * s} ${2 * s}M${x + s} ${y - s}l${-2 * s} ${2 * s}`,
  };
  if (kind in paths) return drawn("path", { d: paths[kind], ...properties, class: `${properties.class ?? ""} ${kind === "cross" || kind === "star" ? "stroked" : ""}` });
  return drawn("circle", { cx: x, cy: y, r: s, ...properties, class: `${properties.class ?? ""} ${kind === "ring" ? "stroked" : ""}` });
}

/** What the colours and shapes of a plot mean. */
function legend(entries) {
  return element("ul", { class: "legend" }, ...entries.map(([sign, name]) => element("li", {},
    drawn("svg", { viewBox: "0 0 28 14", width: 28, height: 14, "aria-hidden": "true" }, sign), name)));
}

/** A value by epoch, a line for each seed; the best epoch is marked, and where the run was cut off and resumed. */
function curve(name, runs, panel) {
  const points = runs.map((run) => run.epochs.map((epoch, place) => [epoch, run.values[panel][place]]).filter(([, y]) => isNumber(y)));
  const all = points.flat();
  if (!all.length) return null;
  const plot = frame({ width: 360, height: 230, xs: all.map(([x]) => x), ys: all.map(([, y]) => y), xName: "epoch", title: name });
  runs.forEach((run, place) => {
    for (const epoch of run.resumed) {
      plot.svg.append(drawn("line", { class: `cut line c${place % 8}`, x1: plot.x(epoch), x2: plot.x(epoch), y1: plot.top, y2: plot.bottom },
        drawn("title", {}, `seed ${run.seed} was cut off and resumed at epoch ${epoch}`)));
    }
    const path = points[place].map(([x, y]) => `${plot.x(x).toFixed(1)},${plot.y(y).toFixed(1)}`).join(" ");
    plot.svg.append(drawn("polyline", { points: path, class: `line c${place % 8}`, "stroke-dasharray": DASHES[place % 8] },
      drawn("title", {}, `seed ${run.seed}`)));
    const best = points[place].find(([x]) => x === run.best);
    if (best) {
      const sign = mark(SHAPES[place % 8], plot.x(best[0]), plot.y(best[1]), 4, { class: `mark c${place % 8}` });
      sign.append(drawn("title", {}, `best epoch of seed ${run.seed}: ${best[0]}`));
      plot.svg.append(sign);
    }
  });
  return element("figure", {}, plot.svg, element("figcaption", {}, name));
}
