// Elements of the page. Whatever comes from the data is set as text, never as HTML.

/** An element with properties (class, href, ...; on... are listeners) and children (elements or texts). */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** The address of a user's or an item's view. */
export function view(kind, id) {
  return `#${kind}=${encodeURIComponent(id)}`;
}

/** Has those who do not see the page know what is on it now. */
export function announce(text) {
  document.getElementById("status").textContent = text;
}

/** A number with as many digits as people read. */
export function shown(number, digits = 2) {
  return new Intl.NumberFormat("en", { maximumFractionDigits: digits, minimumFractionDigits: digits }).format(number);
}

/** 1 item, 2 items. */
export function count(number, name) {
  return `${new Intl.NumberFormat("en").format(number)} ${name}${number === 1 ? "" : "s"}`;
}

/** A thin bar for a share between 0 and 1; the number beside it says the same. */
export function bar(share) {
  const filled = element("span");
  filled.style.inlineSize = `${Math.round(100 * Math.min(Math.max(share, 0), 1))}%`;
  return element("span", { class: "meter", "aria-hidden": "true" }, filled);
}
