import { expect } from 'chai';
import { filesUnder } from '../../tools/common.js';
import { documentAt, pages, ROOT } from './documents.js';
import { tablesIn } from './markdown.js';

/** Where options are declared, and where they get their defaults. */
interface Source {
  /** The interface that declares them. */
  readonly type: string;
  /** The file of the defaults, if that is not the interface's. */
  readonly schema?: string;
}

/** By the header of the table, such as `SessionStorage` option. */
const SOURCES: Readonly<Record<string, Source>> = {
  SessionStorage: { type: 'SessionStorageOptions' },
  ServerSessionStorage: { type: 'ServerSessionStorageOptions' },
  MemoryStore: { type: 'MemoryStoreOptions' },
  SqliteStore: { type: 'SqliteStoreOptions' },
  SqliteRevocationLog: { type: 'SqliteRevocationLogOptions' },
  RedisStore: { type: 'RedisStoreOptions' },
  PostgresStore: { type: 'PostgresStoreOptions' },
  RedisBus: { type: 'RedisBusOptions' },
  PostgresBus: { type: 'PostgresBusOptions' },
  RedisRevocationLog: { type: 'RedisRevocationLogOptions' },
  PostgresRevocationLog: { type: 'PostgresRevocationLogOptions' },
  RevocationList: { type: 'RevocationListOptions' },
  activateSessions: { type: 'ActivateOptions' },
  cookie: { type: 'CookieOptions', schema: 'src/http/transports/cookie-rules.ts' },
  header: { type: 'HeaderOptions' },
  identity: { type: 'IdentityOptions' },
  IdentityVerifier: { type: 'IdentityVerifierOptions' },
  csrf: { type: 'CsrfOptions' },
  weaveSessions: { type: 'WeaveOptions' },
  LiveSessions: { type: 'LiveOptions' },
  connectSession: { type: 'ConnectOptions' },
};

const CODE = filesUnder(`${ROOT}src`)
  .filter((path) => path.endsWith('.ts'))
  .map((path) => documentAt(`src/${path}`).text);

/** The source file that declares an interface. */
function declaring(type: string): string {
  return CODE.find((text) => new RegExp(`^export interface ${type}\\b`, 'm').test(text)) ?? '';
}

/** The names of an interface's properties, and whether they may be left out. */
function declared({ type }: Source): ReadonlyMap<string, boolean> {
  const [, body = ''] =
    new RegExp(`^export interface ${type}\\b[\\s\\S]*?\\{\\n([\\s\\S]*?)^\\}`, 'm').exec(declaring(type)) ?? [];
  return new Map(
    Array.from(body.matchAll(/^ {2}readonly (\w+)(\??):/gm), ([, name = '', mark]) => [name, mark === '?']),
  );
}

/** The default that the schema gives an option, as the documents spell it; `undefined` for none, or one that is no literal. */
function defaultOf({ type, schema }: Source, option: string): string | undefined {
  const code = schema === undefined ? declaring(type) : documentAt(schema).text;
  const shared = new RegExp(`^ +${option}: (\\w+),$`, 'm').exec(code)?.[1];
  const spread = /\.\.\.([A-Z_]+),$/m.exec(code)?.[1];
  const common = CODE.filter((text) => spread !== undefined && text.includes(`const ${spread}:`));
  const places = [
    ...[code, ...common].map((one) => [one, `\\b${option}: `] as const),
    ...[code, ...CODE].map((one) => [one, `const ${shared}\\b.* = `] as const),
  ];
  const destructured = new RegExp(`^ +const \\{ .*\\b${option} = ([^,]+)[, ].*\\} = options;$`, 'm').exec(code)?.[1];
  return [...places.map(([text, start]) => spell(defaultIn(text, start), text)), spell(destructured, code)].find(
    (one) => one !== undefined,
  );
}

/** What `.default(...)` is given in the expression after `start`, which ends where the next property or statement begins. */
function defaultIn(code: string, start: string): string | undefined {
  return new RegExp(`${start}[^\\n]*(?:\\n(?! {2,4}\\w+:| *\\w+ \\w+ = )[^\\n]*)*?\\.default\\(([^()]*)\\)`).exec(
    code,
  )?.[1];
}

/** A product of numbers and constants as a number with commas; other literals as code. */
function spell(value: string | undefined, code: string): string | undefined {
  if (value === undefined) return undefined;
  const factors = value.split(' * ').map((factor) => numberOf(factor, code));
  if (factors.every((factor) => factor !== undefined)) {
    return factors.reduce((product, factor) => product * factor, 1).toLocaleString('en-US');
  }
  return /^(?:'.*'|true|false|null|\[\])$/.test(value) ? `\`${value}\`` : undefined;
}

function numberOf(text: string, code: string): number | undefined {
  if (/^[\d_]+$/.test(text)) return Number(text.replaceAll('_', ''));
  const constant = new RegExp(`^const ${text} = ([\\d_ *]+);$`, 'm').exec(code)?.[1];
  return constant?.split(' * ').reduce((product, factor) => product * Number(factor.replaceAll('_', '')), 1);
}

function escaped(text: string): string {
  return text.replace(/[[\]().*+?^$|\\]/g, '\\$&');
}

describe('The option tables in the documents (row 70)', () => {
  const tables = pages().flatMap(({ text }) => tablesIn(text, /^\| `(\w+)` option \| default \| meaning \|$/));

  it('are there once for everything that takes options', () => {
    expect(tables.map(({ title }) => title).sort()).to.deep.equal(Object.keys(SOURCES).sort());
  });

  for (const [title, source] of Object.entries(SOURCES)) {
    const cells = new Map(
      tables
        .filter((table) => table.title === title)
        .flatMap(({ rows }) => rows.map(([name = '', given = '']) => [name.replaceAll('`', ''), given] as const)),
    );
    const options = declared(source);

    it(`list every option of ${title}, and no other`, () => {
      expect(options.size).to.be.greaterThan(0);
      expect([...cells.keys()].sort()).to.deep.equal([...options.keys()].sort());
    });

    it(`give the defaults of ${title}`, () => {
      for (const [option, isOptional] of options) {
        const cell = cells.get(option) ?? '';
        const given = defaultOf(source, option);
        if (!isOptional) expect(cell, option).to.equal('required');
        else if (given !== undefined) expect(cell, option).to.match(new RegExp(`^${escaped(given)}(?: \\(|$)`));
        else expect(cell, option).to.match(/^(?:none|required,|a tenth of|the system clock)/);
      }
    });
  }

  it('would notice a wrong default', () => {
    const code =
      'const DAY = 24 * 60;\nconst O = z.strictObject({\n  a: z.string(),\n  b: z.number().default(7 * DAY),\n});\n';
    expect(spell(defaultIn(code, '\\bb: '), code)).to.equal('10,080');
    expect(defaultIn(code, '\\ba: ')).to.equal(undefined);
  });
});
