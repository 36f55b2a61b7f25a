import { CsrfRefused } from '../../errors.js';
import type { Incoming } from '../exchange.js';
import type { CsrfSettings } from './options.js';
import { isCrossOrigin } from './origin-check.js';

/** Keeps other sites from using the cookies of this one. */
export class CsrfGuard<Request> {
  readonly #settings: CsrfSettings<Request>;

  constructor(settings: CsrfSettings<Request>) {
    this.#settings = settings;
  }

  /** Whether other sites may send this request, without a session. */
  isExempt(request: Request): boolean {
    return this.#settings.isExempt(request);
  }

  /** Why the session of this request must not be opened by its cookie; `undefined` if it may be. */
  refusalOf(incoming: Incoming): CsrfRefused | undefined {
    if (!isCrossOrigin(incoming, this.#settings.origins)) return undefined;
    return new CsrfRefused(
      'cross_origin',
      'a page of another origin sent it: list that origin in csrf.origins if it is yours, or name the route in csrf.exempt if other sites call it',
    );
  }
}
