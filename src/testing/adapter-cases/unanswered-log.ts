import type { RevocationLog } from '../../ports/revocation-log.js';

/** A log that answers nothing until its reader stops. */
export function unansweredLog(): RevocationLog {
  return {
    guarantee: 'log',
    append: () => new Promise(() => undefined),
    async *read(_after, signal) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      yield [];
    },
    close: async () => undefined,
  };
}
