import { parseArgs } from 'node:util';
import { CookieJar } from 'tough-cookie';

/** What a curl line came to. */
export interface CurlReply {
  readonly line: string;
  readonly status: number;
  readonly text: string;
  /** What the line's comment says that the body is, if it looks like a body. */
  readonly expected: string | undefined;
}

const ASSIGNMENT = /^(SID|TOKEN)=\$\((curl .*)\)$/;
const HEADER = /^%header\{(.+)\}$/;

/** Carries out the curl lines of a document against a service, with its cookie jars and the variables SID and TOKEN. */
export class Curl {
  /** The address of the service. Cookies of one port are sent to the others, as browsers do. */
  base: string;
  readonly #jars = new Map<string, CookieJar>();
  readonly #variables = new Map<string, string>();

  constructor(base: string) {
    this.base = base;
  }

  async run(line: string): Promise<CurlReply> {
    const [command = '', comment] = line.split(/\s+# /);
    const [, variable, assigned] = ASSIGNMENT.exec(command) ?? [];
    const { status, text, output } = await this.#fetch(words(assigned ?? command, this.#variables));
    if (variable !== undefined) this.#variables.set(variable, output);
    return { line, status, text, expected: comment?.startsWith('{') ? comment : undefined };
  }

  /** `cp <jar> <copy>`. */
  copyJar(line: string): void {
    const [, from = '', to = ''] = words(line, new Map());
    this.#jars.set(to, this.#jar(from).cloneSync() ?? new CookieJar());
  }

  #jar(file: string): CookieJar {
    const jar = this.#jars.get(file) ?? new CookieJar();
    this.#jars.set(file, jar);
    return jar;
  }

  async #fetch(args: readonly string[]): Promise<{ status: number; text: string; output: string }> {
    const { values, positionals } = parseArgs({
      args: args.slice(1),
      allowPositionals: true,
      options: {
        silent: { type: 'boolean', short: 's' },
        output: { type: 'string', short: 'o' },
        'write-out': { type: 'string', short: 'w' },
        cookie: { type: 'string', short: 'b' },
        'cookie-jar': { type: 'string', short: 'c' },
        header: { type: 'string', short: 'H', multiple: true },
        request: { type: 'string', short: 'X' },
        json: { type: 'string' },
      },
    });
    const url = (positionals[0] ?? '').replace('http://127.0.0.1:3000', this.base);
    const headers = new Headers(values.header?.map(headerOf));
    if (values.cookie !== undefined) headers.set('Cookie', await this.#jar(values.cookie).getCookieString(url));
    if (values.json !== undefined) headers.set('Content-Type', 'application/json');
    const method = values.request ?? (values.json === undefined ? 'GET' : 'POST');
    const response = await fetch(url, { method, headers, body: values.json ?? null });
    const jar = this.#jar(values['cookie-jar'] ?? '');
    for (const cookie of response.headers.getSetCookie()) await jar.setCookie(cookie, url);
    const text = await response.text();
    const header = response.headers.get(HEADER.exec(values['write-out'] ?? '')?.[1] ?? 'none') ?? '';
    return { status: response.status, text, output: (values.output === undefined ? text : '') + header };
  }
}

/** `Name: value`, or `Name;` for one that is empty. */
function headerOf(text: string): [string, string] {
  const [, name = '', value = ''] = /^([^:;]+)(?:;|: ?(.*))$/.exec(text) ?? [];
  return [name, value];
}

/** The words of a command as a shell would split them, with the variables put in. */
function words(command: string, variables: ReadonlyMap<string, string>): string[] {
  return Array.from(command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g), ([, plain, quoted, bare]) => {
    return plain ?? (quoted ?? bare ?? '').replace(/\$([A-Z]+)/g, (_, name: string) => variables.get(name) ?? '');
  });
}
