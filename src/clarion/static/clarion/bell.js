/* <clarion-bell>: the link to the inbox becomes a popover with the latest notifications, and counts along.

Heard on `document`: `clarion:count` from the inbox, and `clarion:change` from live.js; both say { badge, label, unread }. */

class ClarionBell extends HTMLElement {
  #panel = null;
  #wasOpen = false;

  connectedCallback() {
    this.listen = event => this.#count(event.detail);
    for (const name of ["clarion:count", "clarion:change"]) document.addEventListener(name, this.listen);
    // On the inbox page the list is there already, and without popovers the link leads to it.
    if (!this.dataset.popover || document.querySelector("clarion-inbox") || !("popover" in this)) return;
    const link = this.querySelector("a");
    this.#panel = document.createElement("div");
    this.#panel.className = "clarion clarion-popover";
    this.#panel.popover = "auto";
    this.#panel.setAttribute("role", "dialog");
    this.#panel.setAttribute("aria-label", link.title || this.dataset.name);
    this.append(this.#panel);
    link.setAttribute("role", "button");
    link.setAttribute("aria-haspopup", "dialog");
    link.setAttribute("aria-expanded", "false");
    link.addEventListener("pointerdown", () => (this.#wasOpen = this.#isOpen));
    link.addEventListener("click", event => this.#clicked(event));
    link.addEventListener("keydown", event => event.key === " " && (event.preventDefault(), link.click()));
    this.#panel.addEventListener("toggle", () => link.setAttribute("aria-expanded", this.#isOpen));
    this.#panel.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !this.contains(relatedTarget)) this.#panel.hidePopover();
    });
    addEventListener("resize", () => this.#isOpen && this.#place());
  }

  disconnectedCallback() {
    for (const name of ["clarion:count", "clarion:change"]) document.removeEventListener(name, this.listen);
  }

  get #isOpen() {
    return this.#panel.matches(":popover-open");
  }

  #count({ badge, label, unread }) {
    const count = this.querySelector(".clarion-count");
    count.textContent = badge;
    count.hidden = !badge || unread === 0;
    this.querySelector("a").setAttribute("aria-label", label);
  }

  #clicked(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (this.#wasOpen || this.#isOpen) this.#panel.hidePopover();
    else this.#show();
    this.#wasOpen = false;
  }

  async #show() {
    this.#panel.innerHTML = '<p class="clarion-wait" tabindex="-1"></p>';
    const wait = this.#panel.firstElementChild;
    wait.textContent = this.dataset.loading;
    this.#panel.setAttribute("aria-busy", "true");
    this.#panel.showPopover();
    this.#place();
    wait.focus();
    try {
      const part = await this.#fetchList();
      this.#panel.replaceChildren(...part.body.children);
      this.#panel.querySelector("h2").focus();
    } catch {
      const again = document.createElement("button");
      again.className = "clarion-button";
      again.textContent = this.dataset.retry;
      again.addEventListener("click", () => this.#show());
      wait.textContent = this.dataset.failed;
      wait.after(again);
      again.focus();
    }
    this.#panel.removeAttribute("aria-busy");
  }

  async #fetchList() {
    // Not before it is wanted: the bell is on every page.
    const [{ fetchPart }] = await Promise.all([import("./element.js"), import("./inbox.js"), this.#style()]);
    return fetchPart(this.dataset.popover);
  }

  #style() {
    const link = this.querySelector("link") ?? document.createElement("link");
    if (link.sheet) return null;
    link.rel = "stylesheet";
    link.href = this.dataset.style;
    return new Promise((resolve, reject) => {
      link.onload = resolve;
      link.onerror = reject;
      this.append(link);
    });
  }

  #place() {
    const bell = this.getBoundingClientRect();
    const width = this.#panel.offsetWidth;
    const isMirrored = getComputedStyle(this).direction === "rtl";
    const wanted = isMirrored ? bell.left : bell.right - width;
    this.#panel.style.left = `${Math.max(8, Math.min(wanted, innerWidth - width - 8))}px`;
    this.#panel.style.top = `${bell.bottom + 6}px`;
    this.#panel.style.maxHeight = `calc(100vh - ${bell.bottom + 18}px)`;
  }
}

customElements.define("clarion-bell", ClarionBell);
