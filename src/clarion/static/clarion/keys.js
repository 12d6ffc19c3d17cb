/* What the keys do in a list of notifications, and what they leave alone. */

const STEPS = { ArrowDown: 1, ArrowUp: -1 };
const PAGES = { PageDown: 1, PageUp: -1 };

export class Keys {
  #inbox;

  /** `inbox` is a <clarion-inbox>. */
  constructor(inbox) {
    this.#inbox = inbox;
  }

  pressed(event) {
    if (event.defaultPrevented || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
    if (this.#inbox.closest("[popover]") && !this.#inbox.contains(document.activeElement)) return;
    if (this.#perform(event)) event.preventDefault();
  }

  /** Do what a key stands for; return whether it stands for something. */
  #perform(event) {
    const { row } = this.#inbox;
    const isOnRow = row === document.activeElement;
    if (event.key === "Escape") return this.#leaveMenu(row);
    if (event.ctrlKey) return row && this.#leave({ Home: -1, End: 1 }[event.key]);
    if (isOnRow && event.key === "Enter") return this.#open(row);
    if (isOnRow && event.key in STEPS) return this.#step(row, STEPS[event.key]);
    if (row && event.key in PAGES) return this.#step(row, PAGES[event.key]);
    if (!this.#inbox.hasAttribute("data-shortcuts")) return false;
    const key = letterOf(event);
    if (key === "?") return this.#showSheet();
    if (key === "u" && event.shiftKey) return press(this.#inbox.querySelector("[data-clarion-all]:not([hidden]) button"));
    if (event.shiftKey) return false;
    if (key === "j" || key === "k") return this.#step(row, key === "j" ? 1 : -1);
    if (key === "e") return press(row?.querySelector('[data-slot="archive"]'));
    if (key === "u") return press(row?.querySelector('[data-slot="read"]'));
    return false;
  }

  #step(row, step) {
    const { rows } = this.#inbox;
    const next = row ? rows[rows.indexOf(row) + step] : rows[0];
    next?.focus();
    return true;
  }

  #leave(side) {
    if (!side) return false;
    const { feed } = this.#inbox;
    const all = [...document.querySelectorAll("a[href], button:not([hidden]), input:not([type=hidden]), select, [tabindex='0']")];
    const outside = all.filter(element => !feed.contains(element) && element.checkVisibility());
    const mask = side < 0 ? Node.DOCUMENT_POSITION_PRECEDING : Node.DOCUMENT_POSITION_FOLLOWING;
    const beyond = outside.filter(element => feed.compareDocumentPosition(element) & mask);
    (side < 0 ? beyond.at(-1) : beyond[0])?.focus();
    return true;
  }

  #leaveMenu(row) {
    const menu = row?.querySelector(".clarion-more[open]");
    if (!menu) return false;
    menu.open = false;
    menu.querySelector("summary").focus();
    return true;
  }

  #open(row) {
    (row.querySelector("h2 a") ?? row.querySelector(".clarion-group summary")).click();
    return true;
  }

  #showSheet() {
    const sheet = this.#inbox.querySelector("[data-clarion-dialog]");
    sheet?.showModal();
    return Boolean(sheet);
  }
}

/** The Latin letter on a key; on a keyboard of another script, the one that has its place elsewhere. */
function letterOf({ key, code }) {
  if (key === "؟") return "?";
  const isOfAnotherScript = key > "\x7f" && /^Key[A-Z]$/.test(code);
  return (isOfAnotherScript ? code.at(-1) : key).toLowerCase();
}

function press(button) {
  button?.click();
  return Boolean(button);
}
