import type { Answer } from './deferred-head.js';
import { parsed } from './transports.js';

/** One property of a JSON answer. */
export function jsonOf(answer: Answer, name: string): unknown {
  const body: unknown = JSON.parse(answer.text);
  return typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
}

/** The values of the cookies of a name that an answer sets; '' for one that it clears. */
export function cookiesOf(answer: Answer, name = 'sid'): string[] {
  const cookies = (answer.headers['set-cookie'] ?? []).map(parsed);
  return cookies.filter(({ key }) => key === name).map(({ value }) => value);
}
