import { CHANGES, type ChangeName } from './changes.js';

/** What a server gave its one good client. */
export type CredentialName = 'sid' | 'csrf token' | 'csrf cookie of a visitor' | 'identity token';
export type Credentials = Readonly<Record<CredentialName, string>>;

/** A credential of the good client, changed. */
export interface Changed {
  readonly of: CredentialName;
  readonly by: ChangeName;
  readonly at: number;
  readonly text: string;
}

/** Text of a request. What depends on the server's credentials is put in later, so that one example serves all servers. */
export type Text = readonly (string | Changed)[];

/** A header as it is sent. */
export interface Line {
  readonly name: string;
  readonly value: Text;
}

/** A request without a body. */
export interface Example {
  readonly method: 'GET' | 'POST';
  readonly path: '/look' | '/identity';
  readonly lines: readonly Line[];
}

/** A request for one server. */
export interface Sent extends Omit<Example, 'lines'> {
  readonly lines: readonly { readonly name: string; readonly value: string }[];
}

/** The credential as it is. */
export function good(of: CredentialName): Changed {
  return { of, by: 'whole', at: 0, text: '' };
}

/** The request with the credentials of one server. */
export function sentTo(credentials: Credentials, { lines, ...example }: Example): Sent {
  return { ...example, lines: lines.map(({ name, value }) => ({ name, value: filled(value, credentials) })) };
}

/** The bytes of a request. */
export function bytesOf({ method, path, lines }: Sent): Buffer {
  const head = [`${method} ${path} HTTP/1.1`, ...lines.map(({ name, value }) => `${name}: ${value}`)];
  return Buffer.from(`${head.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`, 'latin1');
}

/** The request in printable characters, and without the credentials. */
export function shown({ method, path, lines }: Example): string {
  return [`${method} ${path}`, ...lines.map(({ name, value }) => `${escaped(name)}: ${value.map(shownPart).join('')}`)]
    .map((line) => `    ${line}`)
    .join('\n');
}

/** As it is sent: of a character beyond one byte, the lower byte. */
function filled(text: Text, credentials: Credentials): string {
  const value = text
    .map((part) => (typeof part === 'string' ? part : CHANGES[part.by](credentials[part.of], part.at, part.text)))
    .join('');
  return Buffer.from(value, 'latin1').toString('latin1');
}

function shownPart(part: string | Changed): string {
  if (typeof part === 'string') return escaped(part);
  return `<${part.of}, ${part.by} (${part.at}, ${escaped(part.text)})>`;
}

function escaped(text: string): string {
  return text.replace(/[^ -;=?-~]/g, (one) => `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
