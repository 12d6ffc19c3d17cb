/* <clarion-preferences>: the preference page saves each choice at once, and says so. */

import { ClarionElement, post, zone } from "./element.js";

class ClarionPreferences extends ClarionElement {
  #saving = 0;
  #queue = Promise.resolve();
  #sent = 0;

  connectedCallback() {
    super.connectedCallback();
    this.form = this.querySelector(".clarion-form");
    this.on(this, "change", ({ target }) => target.form === this.form && this.#saveSoon());
    for (const button of this.querySelectorAll("[data-clarion-save]")) button.hidden = true;
    const place = this.querySelector("[name=time_zone]");
    if (place && !this.querySelector("[name=quiet_from]").value) place.value = zone;
  }

  submitted(event) {
    if (event.target.getAttribute("method") !== "post") return;
    event.preventDefault();
    if (event.target === this.form) this.#save(event.submitter);
    else if (event.target.closest(".clarion-mutes")) this.#unmute(event.target, event.submitter);
    else this.#undo(event.target, event.submitter);
  }

  #saveSoon() {
    clearTimeout(this.#saving);
    this.#saving = setTimeout(() => {
      this.#saving = 0;
      this.#save();
    }, 150);
  }

  #save(submitter = null) {
    const data = new FormData(this.form, submitter);
    // One of two times is a choice half made.
    if (Boolean(data.get("quiet_from")) !== Boolean(data.get("quiet_until"))) data.delete("quiet_from");
    const number = ++this.#sent;
    this.#queue = this.#queue.then(async () => {
      try {
        const said = await post(this.form.getAttribute("action"), data);
        // An answer that was overtaken by the next choice would take that back.
        if (number === this.#sent && !this.#saving) this.#apply(said.rows);
        this.sayDone(said);
        if (submitter?.hidden) submitter.closest("fieldset").querySelector("input[type=checkbox]").focus();
      } catch (error) {
        this.sayFailed(error, () => this.#save(submitter));
      }
    });
  }

  #apply(rows) {
    for (const [name, { on, follows }] of Object.entries(rows)) {
      const boxes = [...this.form.querySelectorAll(`input[type=checkbox][name="${name}"]`)];
      for (const box of boxes) box.checked = on.includes(box.value);
      const row = boxes[0]?.closest("fieldset");
      for (const words of row?.querySelectorAll("[data-follows]") ?? []) words.hidden = !follows;
      for (const button of row?.querySelectorAll("[data-own]") ?? []) button.hidden = follows;
    }
  }

  async #unmute(form, submitter) {
    try {
      const said = await post(form.getAttribute("action"), new FormData(form, submitter));
      const heading = this.querySelector("#clarion-mutes");
      const next = form.closest("li").nextElementSibling ?? form.closest("li").previousElementSibling;
      form.closest("li").remove();
      this.sayDone(said);
      (next?.querySelector("button") ?? heading).focus();
    } catch (error) {
      this.sayFailed(error, () => this.#unmute(form, submitter));
    }
  }

  #undo(form, submitter) {
    post(form.getAttribute("action"), new FormData(form, submitter)).then(() => location.reload());
  }
}

customElements.define("clarion-preferences", ClarionPreferences);
