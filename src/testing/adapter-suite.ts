import { knownOnly } from '../lib/known-only.js';
import { hasMethods } from '../lib/strict-options.js';
import type { AdapterApp, AdapterServer, InjectedApp } from './adapter-app.js';
import { activationCases } from './adapter-cases/activations.js';
import { atOnceCases } from './adapter-cases/at-once.js';
import { AdapterBench, type SessionKind } from './adapter-cases/bench.js';
import { ADAPTER_FEATURES, type AdapterCase, type AdapterCases, type AdapterFeature } from './adapter-cases/case.js';
import { connectionCases } from './adapter-cases/connections.js';
import { crossSiteCases } from './adapter-cases/cross-site.js';
import { errorCases } from './adapter-cases/errors.js';
import { keptCases } from './adapter-cases/kept.js';
import { lateCases } from './adapter-cases/late.js';
import { proxyCases } from './adapter-cases/proxies.js';
import { replyCases } from './adapter-cases/replies.js';
import { transportCases } from './adapter-cases/transports.js';
import { checkRunner, defineCase, type SuiteRunner } from './suite-runner.js';

const TIMEOUT = 30_000;

const groupsFor = (users: number): readonly AdapterCases[] => [
  keptCases,
  transportCases,
  replyCases,
  proxyCases,
  errorCases,
  lateCases,
  atOnceCases(users),
  crossSiteCases,
  activationCases,
  connectionCases,
];

/** Options of {@link adapterSuite}. At least one of `serve` and `inject` must be set. */
export interface AdapterSuiteOptions {
  /** The functions of the test runner, such as mocha's `{ describe, it, before, after }`; see {@link SuiteRunner}. */
  readonly runner: SuiteRunner;
  /** The name of the framework or server, for the titles of the suite. */
  readonly name: string;
  /** Starts a server for the application. The cases connect to it by HTTP/1.1. */
  readonly serve?: ((app: AdapterApp) => Promise<AdapterServer>) | undefined;
  /** Prepares the application to be called in another way, such as in-process or by HTTP/2. Cases about connections are left out. */
  readonly inject?: ((app: AdapterApp) => Promise<InjectedApp>) | undefined;
  /**
   * What the server does not do; cases that need it are left out. Default: none.
   * - 'content-length': it does not send the length of a text.
   * - 'loopback': it does not know which address a request came from.
   * - 'sub-applications': it has no paths with activations of their own.
   * - 'trusted-proxy': it cannot trust the headers of a proxy.
   */
  readonly lacks?: readonly AdapterFeature[] | undefined;
  /** How many users send a request at the same time in the largest case. Default 1000. */
  readonly users?: number | undefined;
}

/**
 * Defines the tests that `activateSessions` passes on every framework, for tokens without and with a revocation log, and for a store. Run it on your own server, proxy or
 * adapter. No test waits for time to pass.
 * @throws TypeError if an option is missing or wrong
 */
export function adapterSuite(options: AdapterSuiteOptions): void {
  checkOptions(options);
  const { runner, name, serve, inject, lacks = [], users = 1000 } = options;
  const groups = groupsFor(users);
  const has = ({ needs }: AdapterCase): boolean => needs === undefined || !lacks.includes(needs);
  if (serve !== undefined) define(runner, `${name}, over a socket`, groups, serve, has);
  if (inject !== undefined)
    define(runner, `${name}, called`, groups, inject, (one) => has(one) && !one.isOfConnections);
}

function define(
  runner: SuiteRunner,
  title: string,
  groups: readonly AdapterCases[],
  serve: (app: AdapterApp) => Promise<AdapterServer | InjectedApp>,
  isMeant: (one: AdapterCase) => boolean,
): void {
  const kinds: readonly SessionKind[] = ['tokens', 'tokens with a log', 'store'];
  for (const kind of kinds) {
    runner.describe(`${title}, sessions in ${kind === 'store' ? 'a store' : kind}`, () => {
      for (const { title: topic, cases } of groups) {
        const meant = cases.filter((one) => isOfKind(one, kind) && isMeant(one));
        if (meant.length === 0) continue;
        runner.describe(topic, () => {
          for (const one of meant)
            defineCase(runner, one.title, () => run(one, new AdapterBench(kind, serve)), TIMEOUT);
        });
      }
    });
  }
}

function isOfKind(one: AdapterCase, kind: SessionKind): boolean {
  return (one.kind ?? kind) === kind && !(one.outlastsLog && kind === 'tokens with a log');
}

async function run(one: AdapterCase, bench: AdapterBench): Promise<void> {
  await one.run(bench).finally(() => bench.close());
}

function checkOptions(options: AdapterSuiteOptions): void {
  knownOnly('adapterSuite', options, ['runner', 'name', 'serve', 'inject', 'lacks', 'users']);
  const { runner, lacks = [], users = 1 } = options;
  checkRunner('adapterSuite', runner);
  const ways = (['serve', 'inject'] as const).filter((way) => options[way] !== undefined);
  if (ways.length === 0) throw new TypeError('adapterSuite: at least one of the options serve and inject must be set');
  for (const way of ways) {
    if (!hasMethods(options, way))
      throw new TypeError(`adapterSuite: option ${way}: expected a function that starts an application`);
  }
  if (!Array.isArray(lacks) || !lacks.every((one) => ADAPTER_FEATURES.includes(one)))
    throw new TypeError(
      `adapterSuite: option lacks: expected an array of ${ADAPTER_FEATURES.map((one) => `'${one}'`).join(', ')}`,
    );
  if (!Number.isSafeInteger(users) || users < 1)
    throw new TypeError('adapterSuite: option users: expected a whole number of 1 or more');
}
