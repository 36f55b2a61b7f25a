/** Reports whether the page is visible and when it had input. `isActive`: the report counts as an access to the session. */
export type Report = (visibility: string, isActive: boolean) => void;

/** How often input is reported at most, in ms. */
const THROTTLE = 30_000;

/** How often a user who only reads is reported with `keepAlive`, in ms. */
const PERIOD = 60_000;

const INPUT = ['keydown', 'pointerdown', 'wheel'] as const;

/** Watches whether the user sees the page and does something there. */
export class Presence {
  readonly #report: Report;
  readonly #keepAlive: number;
  readonly #listeners = new AbortController();
  readonly #timer: ReturnType<typeof setInterval> | undefined;
  #lastInput = Date.now();
  #lastReport = 0;
  /** What the server knows; it takes a new page for visible. */
  #known: DocumentVisibilityState = 'visible';

  /** `keepAlive`: how long after the last input a visible page keeps its session alive, in ms. 0: never. */
  constructor(report: Report, keepAlive: number) {
    this.#report = report;
    this.#keepAlive = keepAlive;
    const { signal } = this.#listeners;
    document.addEventListener('visibilitychange', () => this.#send(), { signal });
    for (const type of INPUT) document.addEventListener(type, this.#onInput, { signal, passive: true, capture: true });
    if (keepAlive > 0) this.#timer = setInterval(() => this.#isActive() && this.#send(), PERIOD);
  }

  /** A connection opened: the server learns what it missed. */
  opened(): void {
    if (document.visibilityState !== this.#known) this.#send();
  }

  stop(): void {
    this.#listeners.abort();
    clearInterval(this.#timer);
  }

  readonly #onInput = ({ isTrusted }: Event): void => {
    if (!isTrusted) return;
    this.#lastInput = Date.now();
    if (this.#lastInput - this.#lastReport >= THROTTLE) this.#send();
  };

  #isActive(): boolean {
    return document.visibilityState === 'visible' && Date.now() - this.#lastInput < this.#keepAlive;
  }

  #send(): void {
    this.#lastReport = Date.now();
    this.#known = document.visibilityState;
    this.#report(`${this.#known}; active=${this.#lastReport - this.#lastInput}`, this.#isActive());
  }
}
