/* What Clarion's elements have in common: they ask the server, say what was done, and tell times as the reader's
clock does. Words come from the page, so that they are translated. */

const language = document.documentElement.lang || undefined;
const moment = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const distance = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** What the server said went wrong, in words for people. */
class Problem extends Error {}

export function setTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const date = new Date(time.dateTime);
    const minutes = Math.round((date - Date.now()) / 60_000);
    time.title = moment.format(date);
    if (minutes === 0) time.textContent = distance.format(0, "second");
    else if (Math.abs(minutes) < 60) time.textContent = distance.format(minutes, "minute");
    else if (Math.abs(minutes) < 24 * 60) time.textContent = distance.format(Math.round(minutes / 60), "hour");
    else time.textContent = moment.format(date);
  }
}

export async function ask(url, options = {}) {
  const answer = await fetch(url, options);
  // Signed out meanwhile, or with an old token: the page itself leads on from there.
  if (answer.redirected || answer.status === 403) {
    location.reload();
    return new Promise(() => {});
  }
  return answer;
}

export async function post(url, data) {
  const answer = await ask(url, { method: "POST", body: data, headers: { Accept: "application/json" } });
  const said = await answer.json();
  if (!answer.ok) throw new Problem(said.problem);
  return said;
}

export async function fetchPart(url) {
  const answer = await ask(url);
  if (!answer.ok) throw new Error(`${answer.status} from ${url}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

/** An element that says what was done, and what could not be. */
export class ClarionElement extends HTMLElement {
  #status;
  #live = document.createElement("p");
  #speaking;
  #gone = new AbortController();

  connectedCallback() {
    this.#gone = new AbortController();
    this.#status = this.querySelector("[data-clarion-status]");
    // Words of one's own pace for those who listen: many changes at once are told once.
    this.#status.removeAttribute("role");
    this.#status.removeAttribute("aria-live");
    this.#live.setAttribute("role", "status");
    this.#live.className = "clarion-hidden";
    this.append(this.#live);
    this.on(this, "submit", event => this.submitted(event));
    const address = new URL(location);
    for (const name of ["done", "count", "undo"]) address.searchParams.delete(name);
    if (address.href !== location.href) history.replaceState(history.state, "", address);
  }

  disconnectedCallback() {
    this.#gone.abort();
    clearTimeout(this.#speaking);
  }

  on(target, type, listener, options = {}) {
    target.addEventListener(type, listener, { ...options, signal: this.#gone.signal });
  }

  words(name) {
    return this.querySelector(`template[data-clarion-text="${name}"]`).content.textContent;
  }

  announce(text) {
    clearTimeout(this.#speaking);
    this.#speaking = setTimeout(() => (this.#live.textContent = text), 400);
  }

  say(text, button = null, kind = "clarion-notice") {
    const box = document.createElement("p");
    const words = document.createElement("span");
    box.className = kind;
    words.textContent = text;
    box.append(words, ...(button ? [button] : []));
    this.#status.replaceChildren(box);
    this.announce(text);
  }

  unsay() {
    this.#status.replaceChildren();
  }

  sayDone({ notice, undo }) {
    this.say(notice, undo && this.#button("undo", { name: "undo", value: undo, form: "clarion-undo" }));
  }

  sayFailed(error, again) {
    if (!(error instanceof Problem)) console.error(error);
    const retry = this.#button("retry", { type: "button" });
    retry.addEventListener("click", () => {
      this.unsay();
      again();
    });
    this.say(error instanceof Problem ? error.message : this.words("failed"), retry, "clarion-problem");
  }

  #button(name, attributes) {
    const button = document.createElement("button");
    for (const [key, value] of Object.entries(attributes)) button.setAttribute(key, value);
    button.className = "clarion-button";
    button.textContent = this.words(name);
    return button;
  }
}
