// Elements of the page. Whatever comes from runs is set as text, never as HTML.

/** An element with properties (class, href, ...; on... are listeners) and children (elements, texts, null). */
function element(name, properties = {}, ...children) {
  return filled(document.createElement(name), properties, children);
}

/** The same of SVG. */
function drawn(name, properties = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), properties, children);
}

/** Puts children in the place of what an element has. */
function put(id, ...children) {
  const place = document.getElementById(id);
  place.replaceChildren();
  return filled(place, {}, children);
}

function filled(made, properties, children) {
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** A block of the page's data; it is read when it is needed first. */
const read = new Map();
function data(name) {
  if (!read.has(name)) {
    const block = document.getElementById(`data-${name}`);
    read.set(name, block && JSON.parse(block.textContent));
  }
  return read.get(name);
}

/** Has those who do not see the page know what is on it now. */
function announce(text) {
  document.getElementById("status").textContent = text;
}

function part(title, ...children) {
  return element("section", { class: "part" }, element("h2", {}, title), ...children);
}

function note(text) {
  return element("p", { class: "note" }, text);
}

const isNumber = (value) => typeof value === "number";
/** A metric: four digits of a share; a dash where there is none. */
const asMetric = (value) => isNumber(value) ? value.toFixed(Math.abs(value) < 10 ? 4 : 1) : "–";
/** A time, a size, a count: three digits that say something. */
const asAmount = (value) => isNumber(value) ?
  value.toLocaleString("en", value >= 100 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 }) : "–";
const asPercent = (value) => `${Math.round(100 * value)} %`;
/** A p value as papers print it. */
const asP = (value) => value < .001 ? "p < .001" : `p = ${value.toFixed(3).replace(/^0/, "")}`;
/** 1 run, 2 runs. */
const count = (number, name) => `${number.toLocaleString("en")} ${name}${number === 1 ? "" : "s"}`;
