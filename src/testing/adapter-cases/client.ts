import type { AdapterRequest, AdapterResponse } from '../adapter-app.js';

/** A request, with defaults for what it leaves out. */
export type Asked = Partial<Omit<AdapterRequest, 'path'>>;

/** A cookie that a response sets or clears. */
export interface SetCookie {
  readonly name: string;
  readonly value: string;
  /** By name in lower case. */
  readonly attributes: ReadonlyMap<string, string>;
}

/** The cookies of a response. */
export function cookiesOf({ headers }: AdapterResponse): SetCookie[] {
  return headers.getSetCookie().map((line) => {
    const [first = '', ...attributes] = line.split(';');
    const [name, value] = pair(first);
    return { name, value, attributes: new Map(attributes.map(pair).map(([key, its]) => [key.toLowerCase(), its])) };
  });
}

function pair(part: string): readonly [name: string, value: string] {
  const at = part.indexOf('=');
  return at === -1 ? [part.trim(), ''] : [part.slice(0, at).trim(), part.slice(at + 1).trim()];
}

/** A client that keeps the cookies of one site. */
export class Client {
  readonly cookies: Map<string, string> = new Map<string, string>();
  readonly #ask: (path: string, asked: Asked) => Promise<AdapterResponse>;

  constructor(ask: (path: string, asked: Asked) => Promise<AdapterResponse>) {
    this.#ask = ask;
  }

  async ask(path: string, { headers = {}, ...others }: Asked = {}): Promise<AdapterResponse> {
    const cookie = [...this.cookies].map((one) => one.join('=')).join('; ');
    const response = await this.#ask(path, { ...others, headers: { ...headers, ...(cookie !== '' && { cookie }) } });
    for (const { name, value, attributes } of cookiesOf(response)) {
      if (attributes.get('max-age') === '0') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }
}
