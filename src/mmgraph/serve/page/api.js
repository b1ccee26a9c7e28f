// What the service answers, and the token that it may ask for.

const KEPT = "mmgraph-token";

/** A refusal: its message is the service's sentence. */
export class Refused extends Error {
  constructor(status, answer) {
    super(answer.error ?? `the service answered with ${status}`);
    this.status = status;
    this.close = answer.close ?? [];
  }
}

/** The answer to GET path?words, as an object. */
export async function get(path, words = {}, options = {}) {
  const response = await ask(`${path}?${new URLSearchParams(words)}`, options);
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(response.status, answer);
  return answer;
}

/** An address that an <img> can show: the picture's own, or, since an <img> sends no token, one of its bytes. */
export async function pictureAddress(address) {
  if (!sessionStorage.getItem(KEPT)) return address;
  const response = await ask(address);
  return URL.createObjectURL(await response.blob());
}

async function ask(address, options = {}) {
  const token = sessionStorage.getItem(KEPT);
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  const response = await fetch(address, { ...options, headers });
  if (response.status !== 401) return response;
  await askForToken();
  return ask(address, options);
}

let asking = null;

function askForToken() {
  asking ??= new Promise((resolve) => {
    const dialog = document.getElementById("ask-token");
    const field = document.getElementById("token");
    field.value = "";
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.addEventListener("close", () => {
      sessionStorage.setItem(KEPT, field.value);
      asking = null;
      resolve();
    }, { once: true });
    dialog.showModal();
  });
  return asking;
}
