import type { RequestHandler } from 'express';
import { warn } from '../lib/warn.js';
import { ApplicationContext } from './application-context.js';
import { resolveConfiguration } from './configuration.js';
import { type Dependency, linkDependencies } from './dependencies.js';
import { isNeedsConfiguration, NeedsConfiguration } from './errors.js';
import { importRouter } from './express-router.js';
import { passOn } from './handler.js';
import type { Manifest } from './manifest.js';
import { runModule } from './module.js';

export interface Blueprint {
  readonly manifest: Manifest;
  readonly mount: string;
  readonly basePath: string;
}

/** A service that runs. */
export interface Ready {
  readonly isConfigured: true;
  readonly context: ApplicationContext;
  readonly exports: unknown;
  readonly handler: RequestHandler;
}

/** A service that needs configuration. */
export interface Waiting {
  readonly isConfigured: false;
  readonly keys: readonly string[];
  readonly cause: unknown;
  readonly handler: RequestHandler;
}

export async function assemble(
  blueprint: Blueprint,
  given: Readonly<Record<string, unknown>>,
  services: Readonly<Record<string, Dependency>>,
): Promise<Ready | Waiting> {
  const { manifest } = blueprint;
  const { values, missing, warnings } = resolveConfiguration(manifest.configuration, given);
  for (const warning of warnings) warn('SESSIONS_UNKNOWN_CONFIGURATION', `service "${manifest.name}": ${warning}`);
  const linked = linkDependencies(manifest.dependencies, services);
  const keys = [...missing, ...linked.missing];
  if (keys.length > 0) return waiting(blueprint, keys);
  const context = new ApplicationContext({ ...blueprint, configuration: values, dependencies: linked.dependencies });
  try {
    const exported = await runExports(context, manifest.exports);
    const { result, handler } = await runRoutes(context, manifest);
    return { isConfigured: true, context, exports: (manifest.exports ? exported : result) ?? {}, handler };
  } catch (error) {
    if (isNeedsConfiguration(error)) return waiting(blueprint, error.keys, error);
    throw error;
  }
}

async function runExports(context: ApplicationContext, exports: Manifest['exports']): Promise<unknown> {
  if (typeof exports !== 'object') return exports && runModule(context, exports);
  const results: [string, unknown][] = [];
  for (const [name, path] of Object.entries(exports)) results.push([name, await runModule(context, path)]);
  return Object.freeze(Object.fromEntries(results));
}

async function runRoutes(context: ApplicationContext, { main, controllers }: Manifest) {
  const mounts = Object.entries(controllers);
  if (main === undefined && mounts.length === 0) return { result: undefined, handler: passOn };
  const newRouter = await importRouter();
  const handler = newRouter();
  const run = (mount: string, path: string): Promise<unknown> => {
    const router = newRouter();
    handler.use(mount, router);
    return runModule(context.withRouter(router), path);
  };
  const result = main === undefined ? undefined : await run('/', main);
  for (const [mount, path] of mounts) await run(mount, path);
  return { result, handler };
}

function waiting({ manifest, mount }: Blueprint, keys: readonly string[], cause?: unknown): Waiting {
  const { message: errorMessage } = new NeedsConfiguration(keys, { service: manifest.name, mount });
  const body = JSON.stringify({ error: true, code: 500, errorMessage });
  const handler: RequestHandler = (_request, response) => {
    response.statusCode = 500;
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
    response.setHeader('Cache-Control', 'no-store');
    response.end(body);
  };
  return { isConfigured: false, keys, cause, handler };
}
