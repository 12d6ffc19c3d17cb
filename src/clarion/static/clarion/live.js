/* Live: tells a page at once that its person's inbox has changed.

The page says where to ask, in attributes of any one element:

  data-clarion-state    the address of the state, which can always be asked
  data-clarion-stream   the address of the stream; left out where there is none

and hears of it in two events on `document`:

  clarion:change   detail: { unread, badge, label, tag }; whoever shows a list fetches it again
  clarion:status   detail: "live", "polling", "offline" or "signed-out"

A page that has changed something itself dispatches `clarion:acted`, so that other tabs hear of it without a stream too.

One tab that is in sight holds the connection for all tabs of the browser; with none in sight there is none. A
change says no more than the present state, so that one heard twice does no harm, and one missed is made good
by the first after the connection is back. */

const POLL = 10_000;
const REFUSED = 300_000;
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 60_000;

const between = (low, high) => low + Math.random() * (high - low);
const backOff = failures => between(0.2, 1) * Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** failures);

class Live {
  #stateUrl;
  #streamUrl;
  #name;
  #channel;
  #turn = null;
  #wake = () => {};
  #latest = null;
  #status = "";
  #isOver = false;

  constructor(stateUrl, streamUrl) {
    this.#stateUrl = stateUrl;
    this.#streamUrl = streamUrl;
    this.#name = `clarion ${stateUrl}`;
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = ({ data }) => this.#hear(data);
    document.addEventListener("clarion:acted", () => {
      this.#channel.postMessage({ acted: true });
      this.#wake();
    });
    document.addEventListener("visibilitychange", () => this.#update());
    for (const name of ["online", "offline", "pagehide", "pageshow"]) {
      addEventListener(name, event => this.#update(name === "pagehide" ? event : null));
    }
    this.#update();
  }

  /** Take one's turn at the connection, or give it up: hidden, offline and cached pages hold none. */
  #update(leaving = null) {
    const isWanted = !leaving && !this.#isOver && navigator.onLine && document.visibilityState === "visible";
    if (isWanted && !this.#turn) {
      this.#turn = new AbortController();
      this.#channel.postMessage({ asked: true });
      this.#takeTurn(this.#turn.signal);
    } else if (!isWanted && this.#turn) {
      this.#turn.abort();
      this.#turn = null;
    }
    if (!navigator.onLine) this.#say("offline");
  }

  async #takeTurn(signal) {
    const work = () => this.#keepUp(signal);
    // Browsers have locks on secure origins only; elsewhere each tab in sight has a connection of its own.
    if (!navigator.locks) return work();
    try {
      await navigator.locks.request(this.#name, { signal }, work);
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  }

  async #keepUp(signal) {
    let failures = 0;
    let pollUntil = this.#streamUrl ? 0 : Infinity;
    while (!signal.aborted) {
      let pause;
      if (Date.now() < pollUntil) {
        const isAnswered = await this.#ask(signal);
        failures = isAnswered ? 0 : failures + 1;
        pause = isAnswered ? POLL * between(0.8, 1.2) : backOff(failures);
      } else {
        const outcome = await this.#listen(signal);
        if (outcome === "refused") {
          pollUntil = Date.now() + REFUSED * between(0.8, 1.2);
          continue;
        }
        failures = outcome === "ended" ? 0 : failures + 1;
        pause = backOff(failures);
      }
      await this.#sleep(pause, signal);
    }
  }

  /** Follow the stream; return how that ended: "ended" after it was open, "failed", or "refused" by the server. */
  #listen(signal) {
    return new Promise(resolve => {
      const source = new EventSource(this.#streamUrl);
      let isOpen = false;
      const end = outcome => {
        source.close();
        signal.removeEventListener("abort", leave);
        resolve(outcome);
      };
      const leave = () => end("ended");
      source.onopen = () => {
        isOpen = true;
        this.#say("live");
      };
      source.addEventListener("change", ({ data }) => this.#pass(JSON.parse(data)));
      source.onerror = () => {
        const isRefused = source.readyState === EventSource.CLOSED;
        if (!isRefused) this.#say("offline");
        end(isOpen ? "ended" : isRefused ? "refused" : "failed");
      };
      signal.addEventListener("abort", leave);
    });
  }

  /** Ask for the state; return whether there was an answer. The browser's cache sends the ETag along. */
  async #ask(signal) {
    try {
      const answer = await fetch(this.#stateUrl, { cache: "no-cache", signal, headers: { Accept: "application/json" } });
      if (answer.status === 403) {
        this.#isOver = true;
        this.#say("signed-out");
        this.#update();
        return true;
      }
      if (!answer.ok) throw new Error(`${answer.status} from ${this.#stateUrl}`);
      this.#say("polling");
      this.#pass(await answer.json());
      return true;
    } catch {
      if (!signal.aborted) this.#say("offline");
      return false;
    }
  }

  #sleep(milliseconds, signal) {
    return new Promise(resolve => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, milliseconds);
      signal.addEventListener("abort", end);
      this.#wake = end;
    });
  }

  #hear(message) {
    if (message.state) this.#apply(message.state);
    if (message.status) this.#say(message.status, false);
    if (message.acted) this.#wake();
    if (message.asked && this.#latest) this.#channel.postMessage({ state: this.#latest });
  }

  #pass(state) {
    this.#channel.postMessage({ state });
    this.#apply(state);
  }

  #apply(state) {
    if (state.tag === this.#latest?.tag) return;
    this.#latest = state;
    document.dispatchEvent(new CustomEvent("clarion:change", { detail: state }));
  }

  #say(status, isOurs = true) {
    if (status === this.#status) return;
    this.#status = status;
    if (isOurs) this.#channel.postMessage({ status });
    document.dispatchEvent(new CustomEvent("clarion:status", { detail: status }));
  }
}

const place = document.querySelector("[data-clarion-state]");
if (place) new Live(place.dataset.clarionState, place.dataset.clarionStream);
