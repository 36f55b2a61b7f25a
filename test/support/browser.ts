import { CookieJar } from 'tough-cookie';
import { type Answer, type Ask, ask } from './deferred-head.js';

/** A client that keeps cookies as browsers do. */
export class Browser {
  readonly jar: CookieJar = new CookieJar();
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  get #url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** One request with the cookies it has now; those of the answer are kept as soon as it is there. */
  async ask(path: string, { headers = {}, ...others }: Omit<Ask, 'path'> = {}): Promise<Answer> {
    const url = this.#url + path;
    const cookie = await this.jar.getCookieString(url);
    const answer = await ask(this.#port, {
      path,
      headers: { ...headers, ...(cookie !== '' && { cookie }) },
      ...others,
    });
    for (const line of answer.headers['set-cookie'] ?? []) await this.jar.setCookie(line, url);
    return answer;
  }

  /** The value of a cookie that it would send; '' when it has none of this name. */
  async cookie(name: string): Promise<string> {
    const cookies = await this.jar.getCookies(this.#url);
    return cookies.find(({ key }) => key === name)?.value ?? '';
  }

  async plant(line: string): Promise<void> {
    await this.jar.setCookie(line, this.#url);
  }
}
