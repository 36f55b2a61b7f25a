import { isThenable } from '../lib/thenable.js';

/** An option that is a question about a request. A promise would count as true for each. @throws TypeError, later, for one that returns a promise */
export function atOnce<Request>(name: string, predicate: (request: Request) => boolean): (request: Request) => boolean {
  return (request) => {
    const answer: unknown = predicate(request);
    if (!isThenable(answer)) return Boolean(answer);
    answer.then(undefined, () => undefined);
    throw new TypeError(`activateSessions: option ${name}: expected a function that answers at once, got a Promise`);
  };
}
