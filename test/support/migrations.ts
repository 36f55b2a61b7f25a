import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { Server } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { blocksOf, nameOf, programOf } from '../docs/blocks.js';
import { documentAt } from '../docs/documents.js';
import { Browser } from './browser.js';
import { newFolder } from './generated.js';
import { given } from './page-given.js';
import { giving, onSources } from './page-program.js';

/** The programs of a page for those who move from another package. */
export type ProgramName = 'before' | 'after' | 'carrying over' | 'beside' | 'several';

/** What both packages' programs call the store of the other package. */
const STORE = 'store';

/** How the recipe is installed, as the page says it, right after the sessions. */
export const INSTALLING = { express: 'app.use(carryOver);', fastify: "app.addHook('onRequest', carryOver);" } as const;

/** Adds the recipe to the program `after.js`. */
function carryingOver(after: string): string {
  const framework = after.includes('sessions-jwt/fastify') ? 'fastify' : 'express';
  const sessions = /^app\.(?:use|register)\(activateSessions\b.*;$/m;
  if (!sessions.test(after)) throw new Error('after.js has no line that activates sessions');
  const installed = after.replace(sessions, (line) => `${line}\n${INSTALLING[framework]}`);
  return `import { carryOver } from './carry-over.js';\n${installed}`;
}

/** What is added to a program of another package, so that this one has a session beside. */
const BESIDE = {
  express: `const sessions = activateSessions({ sessionStorage, cookie: true, property: 'account' });
app.use(sessions);
app.get('/account', (req, res) => {
  const { sessionData } = sessions.of(req);
  sessionData.views = (sessionData.views ?? 0) + 1;
  res.json(sessionData);
});
`,
  fastify: `app.register(activateSessions, { sessionStorage, cookie: true, property: 'account' });
app.get('/account', async (request) => {
  const { sessionData } = app.accountSessions.of(request);
  sessionData.views = (sessionData.views ?? 0) + 1;
  return sessionData;
});
`,
} as const;

/** Adds a session of this package to the program `before.js`. */
function beside(before: string): string {
  const framework = before.includes("'fastify'") ? 'fastify' : 'express';
  const listening = /^(?:const server = |await )app\.listen\b/m;
  if (!listening.test(before)) throw new Error('before.js has no line that listens');
  return `import { MemoryStore, ServerSessionStorage } from 'sessions-jwt';
import { activateSessions } from 'sessions-jwt/${framework}';
const sessionStorage = new ServerSessionStorage({ store: new MemoryStore() });
${before.replace(listening, (line) => `${BESIDE[framework]}${line}`)}`;
}

/** The named programs of a page, by their names without `.js`. */
export function programsOf(page: string): ReadonlyMap<string, string> {
  const blocks = blocksOf(page, documentAt(page).text, 'js');
  return new Map(blocks.map((block) => [nameOf(block)?.replace('.js', '') ?? '', block.code]));
}

/**
 * Runs a program of a page, and returns its server.
 * @param stores the store of the other package, by the name of its declaration: what one program made, the next ones get
 */
export async function runProgram(page: string, name: ProgramName, stores: Map<string, unknown>): Promise<Server> {
  const main = mainOf(page, name);
  const parts = new Map([['main', main]]);
  if (name === 'carrying over') parts.set('carry-over', codeOf(page, 'carry-over'));
  const program = await importing(parts, stores);
  if (declares(main, STORE)) stores.set(STORE, Reflect.get(Object(program), STORE));
  return await listening(program);
}

function mainOf(page: string, name: ProgramName): string {
  if (name === 'carrying over') return carryingOver(codeOf(page, 'after'));
  return name === 'beside' ? beside(codeOf(page, 'before')) : codeOf(page, name);
}

/** Imports a module that a page has, and returns a function that calls those that it exports, by name. */
export async function moduleAt(page: string, part: string): Promise<(name: string, ...args: unknown[]) => unknown> {
  const module = Object(await importing(new Map([['main', codeOf(page, part)]]), new Map()));
  return (name, ...args) => Reflect.apply(Reflect.get(module, name), undefined, args);
}

function codeOf(page: string, part: string): string {
  const code = programsOf(page).get(part);
  if (code === undefined) throw new Error(`${page} has no ${part}.js`);
  return code;
}

/** Imports the one that is named `main`. */
async function importing(parts: ReadonlyMap<string, string>, stores: ReadonlyMap<string, unknown>): Promise<unknown> {
  const folder = await newFolder('migration');
  try {
    for (const [part, code] of parts) await writeFile(join(folder, `${part}.ts`), moduleOf(code, stores));
    const program: unknown = await import(pathToFileURL(join(folder, 'main.ts')).href);
    return program;
  } finally {
    await rm(folder, { recursive: true });
    given.clear();
  }
}

/** The code as a module that exports what tests look for. */
function moduleOf(code: string, stores: ReadonlyMap<string, unknown>): string {
  const shared = [...stores].filter(([name]) => declares(code, name));
  const names = ['server', 'app', STORE].filter((name) => declares(code, name));
  return `${onSources(programOf(giving(code, Object.fromEntries(shared))))}export { ${names.join(', ')} };\n`;
}

function declares(code: string, name: string): boolean {
  return code.includes(`\nconst ${name} = `);
}

async function listening(program: unknown): Promise<Server> {
  const exported: unknown = Reflect.get(Object(program), 'server') ?? Reflect.get(Object(program), 'app');
  const server: unknown = exported instanceof Server ? exported : Reflect.get(Object(exported), 'server');
  if (!(server instanceof Server)) throw new Error('the program has no server');
  if (!server.listening) await once(server, 'listening');
  return server;
}

/** A browser that has these cookies, as a header lists them. Cookies know no ports: those of another program are sent here, too. */
export async function visiting(server: Server, cookies: string): Promise<Browser> {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const browser = new Browser(address.port);
  for (const cookie of cookies.split('; ').filter((one) => one !== '')) await browser.plant(cookie);
  return browser;
}
