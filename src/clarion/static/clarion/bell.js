/* <clarion-bell>: keeps the bell within it up to date. Without this script it is a link with the count of its page. */

class ClarionBell extends HTMLElement {
  connectedCallback() {
    document.addEventListener("clarion:change", this);
  }

  disconnectedCallback() {
    document.removeEventListener("clarion:change", this);
  }

  handleEvent({ detail: { unread, badge, label } }) {
    this.querySelector(".clarion-bell").ariaLabel = label;
    const count = this.querySelector(".clarion-count");
    count.textContent = badge;
    count.hidden = unread === 0;
  }
}

customElements.define("clarion-bell", ClarionBell);
