/* <clarion-inbox>: a list of notifications that changes in place, by keyboard too. Without it, links and forms do.

Heard on `document`: `clarion:change` and `clarion:status`, from live.js. Said there: `clarion:acted` after the
person has changed something, and `clarion:count` with { badge, label, unread } once these are known. */

import { ClarionElement, ask, fetchPart, post, setTimes, zone } from "./element.js";
import { Keys } from "./keys.js";

class ClarionInbox extends ClarionElement {
  #sources = new WeakMap();
  #lastIds = [];
  #seeing = null;
  #toSee = new Set();
  #minute;
  #keys = new Keys(this);

  connectedCallback() {
    super.connectedCallback();
    this.on(this, "click", event => this.#clicked(event));
    this.on(this, "toggle", event => this.#toggled(event), { capture: true });
    this.on(document, "keydown", event => this.#keys.pressed(event));
    for (const way of ["click", "focusin"])
      this.on(document, way, event => this.#closeMenus(event.target.closest?.(".clarion-more")));
    this.on(document, "clarion:change", () => this.#catchUp());
    this.on(document, "clarion:status", event => this.#connected(event.detail !== "offline"));
    this.on(window, "offline", () => this.#connected(false));
    this.on(window, "online", () => this.#connected(true));
    this.on(this, "change", event => event.target.form?.matches("[data-clarion-keys]") && this.#setShortcuts(event.target.form));
    for (const hidden of this.querySelectorAll("[data-clarion-sheet]")) hidden.hidden = false;
    this.#seeing = new IntersectionObserver(entries => this.#sighted(entries), { threshold: 0.5 });
    this.#minute = setInterval(() => setTimes(this), 60_000);
    this.#settle();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.#minute);
    this.#seeing.disconnect();
  }

  get #list() {
    return this.querySelector("[data-clarion-list]");
  }

  get feed() {
    return this.querySelector(".clarion-items");
  }

  get rows() {
    return [...this.querySelectorAll(".clarion-item")];
  }

  get row() {
    return this.contains(document.activeElement) ? document.activeElement.closest(".clarion-item") : null;
  }

  /** The list's address, as the whole of it or as some of its items. */
  #address(changes) {
    const address = new URL(this.#list?.dataset.here ?? location.href, location.href);
    for (const [name, value] of Object.entries({ fragment: "1", ...changes })) address.searchParams.set(name, value);
    return address;
  }

  // Acting

  submitted(event) {
    const form = event.target;
    if (form.getAttribute("method") !== "post") return;
    const place = form.querySelector("[name=zone]");
    if (place) place.value = zone;
    if (!this.#list) return;
    event.preventDefault();
    this.#act(form.getAttribute("action"), new FormData(form, event.submitter), form.closest(".clarion-item"));
  }

  async #act(url, data, row) {
    row?.setAttribute("aria-busy", "true");
    row?.querySelector(".clarion-more")?.removeAttribute("open");
    try {
      const said = await post(url, data);
      if (row) await this.#renew(row);
      else if (!data.has("undo")) await this.#reload(this.#title);
      else await this.#reload(this.#title, this.#lastIds);
      this.sayDone(said);
      document.dispatchEvent(new CustomEvent("clarion:acted"));
    } catch (error) {
      this.sayFailed(error, () => this.#act(url, data, row));
    } finally {
      row?.removeAttribute("aria-busy");
    }
  }

  get #title() {
    return this.querySelector("h1, h2");
  }

  /** Put in place what has become of a row; where it is gone, the reader goes on with the next one. */
  async #renew(row) {
    this.#lastIds = row.dataset.ids.split(",");
    const part = await fetchPart(this.#address({ ids: row.dataset.ids, size: 100 }));
    row = document.getElementById(row.id) ?? row; // the list may be another by now
    const slot = document.activeElement?.closest("[data-slot]")?.dataset.slot;
    const hadFocus = row.contains(document.activeElement) || document.activeElement === document.body;
    const rows = [...part.querySelectorAll(".clarion-item")];
    let next = rows[0] ?? row.nextElementSibling ?? row.previousElementSibling;
    if (row.isConnected) row.replaceWith(...rows);
    else next = this.rows[0];
    this.#count(part);
    if (!next) {
      await this.#reload();
      next = this.#title;
    }
    this.#settle();
    if (hadFocus) ((rows.length && slot && next.querySelector(`[data-slot="${slot}"]`)) || next).focus();
  }

  async #reload(focus = null, ids = []) {
    const part = await fetchPart(this.#address({}));
    this.#count(part);
    const held = this.row;
    this.#list.replaceWith(part.querySelector("[data-clarion-list]"));
    this.#hideNews();
    this.#settle();
    const restored = this.rows.find(row => row.dataset.ids.split(",").some(id => ids.includes(id)));
    const kept = held && (document.getElementById(held.id) ?? this.rows[0] ?? this.#title);
    (restored ?? focus ?? kept)?.focus();
  }

  #count(part) {
    const { unread, badge, label } = part.querySelector("[data-clarion-list]").dataset;
    Object.assign(this.#list.dataset, { unread, badge, label });
    document.dispatchEvent(new CustomEvent("clarion:count", { detail: { badge: unread === "0" ? "" : badge, label } }));
    for (const place of this.querySelectorAll("[data-clarion-unread]")) place.textContent = unread === "0" ? "" : ` (${badge})`;
    for (const form of this.querySelectorAll("[data-clarion-all]")) form.hidden = unread === "0";
  }

  /** Bring what is new in the page up to date with what only a browser knows. */
  #settle() {
    const rows = this.rows;
    const isWhole = !this.querySelector("[rel=next]");
    rows.forEach((row, index) => {
      if (!this.#sources.has(row)) this.#sources.set(row, sourceOf(row));
      row.setAttribute("aria-posinset", index + 1);
      row.setAttribute("aria-setsize", isWhole ? rows.length : -1);
      if (row.hasAttribute("data-unseen")) this.#seeing.observe(row);
    });
    for (const input of this.querySelectorAll("input[type=datetime-local]")) {
      const soon = new Date(Date.now() + 60_000 - new Date().getTimezoneOffset() * 60_000);
      input.min = soon.toISOString().slice(0, 16);
    }
    setTimes(this);
  }

  // Keeping up

  /** After a change elsewhere: what is shown is brought up to date, what is new is offered, not inserted. */
  async #catchUp() {
    if (!this.#list) return;
    try {
      const ids = this.rows.flatMap(row => row.dataset.ids.split(",")).slice(0, 100);
      const part = await fetchPart(this.#address(ids.length ? { ids: ids.join(), size: 100 } : {}));
      this.#count(part);
      if (!ids.length) {
        // Left alone while it stays empty: whoever is about to click in it would miss.
        const list = part.querySelector("[data-clarion-list]");
        if (!list.querySelector(".clarion-item")) return;
        this.#list.replaceWith(list);
        this.#settle();
        return;
      }
      const known = new Set(ids);
      for (const row of this.rows.filter(row => row.dataset.ids.split(",").every(id => known.has(id)))) {
        const now = part.getElementById(row.id);
        const isInUse = row.contains(document.activeElement) || row.matches("[aria-busy], :has(.clarion-more[open])");
        if (now && sourceOf(now) !== this.#sources.get(row) && !isInUse) row.replaceWith(now);
        else if (!now && !isInUse) row.remove();
      }
      this.#settle();
      await this.#offerNews(Math.max(...ids));
    } catch {
      // The next change asks again; until then the status says that we are offline.
    }
  }

  async #offerNews(after) {
    const box = this.querySelector("[data-clarion-news]");
    if (!box) return;
    const address = this.#address({ after });
    address.pathname = this.dataset.news;
    const { count, text } = await (await ask(address, { headers: { Accept: "application/json" } })).json();
    box.hidden = count === 0;
    if (count && box.firstElementChild.textContent !== text) this.announce(text);
    box.firstElementChild.textContent = text;
  }

  #hideNews() {
    const box = this.querySelector("[data-clarion-news]");
    if (box) box.hidden = true;
  }

  #connected(isConnected) {
    if (!isConnected) this.say(this.words("offline"), null, "clarion-problem");
    else if (this.isOffline) {
      this.say(this.words("online"));
      this.#catchUp();
    }
    this.isOffline = !isConnected;
  }

  #sighted(entries) {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      this.#seeing.unobserve(target);
      target.dataset.ids.split(",").forEach(id => this.#toSee.add(id));
    }
    if (this.#toSee.size && !this.seeingSoon) this.seeingSoon = setTimeout(() => this.#markSeen(), 1000);
  }

  async #markSeen() {
    const data = new FormData();
    data.set("action", "seen");
    data.set("ids", [...this.#toSee].join());
    data.set("csrfmiddlewaretoken", this.querySelector("[name=csrfmiddlewaretoken]").value);
    this.#toSee.clear();
    this.seeingSoon = 0;
    await post(this.dataset.change, data).catch(() => {}); // nothing the reader asked for: the next visit tells
  }

  // Pointing and pressing

  async #clicked(event) {
    const link = event.target.closest("[rel=next]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      this.#showOlder(link);
    }
    if (event.target.closest("[data-clarion-sheet]")) this.querySelector("[data-clarion-dialog]").showModal();
    if (event.target.closest("[data-clarion-news] button")) {
      await this.#reload();
      this.rows[0]?.focus();
    }
  }

  async #showOlder(link) {
    const words = link.textContent;
    this.feed.setAttribute("aria-busy", "true");
    link.textContent = this.words("loading");
    try {
      const address = new URL(link.href);
      address.searchParams.set("fragment", "1");
      const part = await fetchPart(address);
      const rows = [...part.querySelectorAll(".clarion-item")].filter(row => !document.getElementById(row.id));
      this.feed.append(...rows);
      const more = part.querySelector("[rel=next]");
      if (more) link.href = more.href;
      else link.closest("nav").remove();
      this.#settle();
      (rows[0] ?? this.#title).focus();
    } catch (error) {
      this.sayFailed(error, () => this.#showOlder(link));
    } finally {
      link.textContent = words;
      this.feed.setAttribute("aria-busy", "false");
    }
  }

  #toggled(event) {
    if (event.target.matches(".clarion-more") && event.target.open) this.#closeMenus(event.target);
  }

  #closeMenus(except = null) {
    for (const menu of this.querySelectorAll(".clarion-more[open]")) if (menu !== except) menu.open = false;
  }

  async #setShortcuts(form) {
    const data = new FormData(form);
    try {
      this.sayDone(await post(form.getAttribute("action"), data));
      this.toggleAttribute("data-shortcuts", data.has("on"));
    } catch (error) {
      this.sayFailed(error, () => this.#setShortcuts(form));
    }
  }
}

/** A row's markup without what differs from one answer to the next. */
function sourceOf(row) {
  const copy = row.cloneNode(true);
  for (const token of copy.querySelectorAll("[name=csrfmiddlewaretoken]")) token.remove();
  for (const name of ["aria-posinset", "aria-setsize", "aria-busy", "data-unseen"]) copy.removeAttribute(name);
  for (const mark of copy.querySelectorAll(".clarion-new")) mark.remove();
  return copy.outerHTML.replace(/\s+/g, " ");
}

customElements.define("clarion-inbox", ClarionInbox);
