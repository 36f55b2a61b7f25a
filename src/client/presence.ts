/**
 * Reports whether the page is visible and when it had input. `isActive`: the report counts as an access to the session. Returns
 * false if nothing is reported now.
 */
export type Report = (visibility: string, isActive: boolean) => boolean;

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
  /** What the server knows. It takes a page for visible until it learns more. */
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

  /** A connection opened: perhaps the server missed a report, or has restarted. */
  opened(): void {
    if (document.visibilityState === 'hidden' || this.#known === 'hidden') this.#send();
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
    const [visibility, now] = [document.visibilityState, Date.now()];
    if (!this.#report(`${visibility}; active=${now - this.#lastInput}`, this.#isActive())) return;
    this.#lastReport = now;
    this.#known = visibility;
  }
}
