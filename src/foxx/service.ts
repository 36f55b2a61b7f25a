import type { RequestHandler } from 'express';
import { isPlainObject } from '../lib/json.js';
import { kindOf } from '../lib/kind-of.js';
import { knownOnly } from '../lib/known-only.js';
import { type Cures, wrongOption } from '../lib/strict-options.js';
import { assemble, type Blueprint, type Ready, type Waiting } from './assemble.js';
import type { Dependency } from './dependencies.js';
import { NeedsConfiguration } from './errors.js';
import { inspectAs } from './inspection.js';
import type { Manifest } from './manifest.js';
import { readManifest } from './manifest-file.js';
import { importFactory } from './module.js';
import { quoted } from './quoted.js';

type Values = Readonly<Record<string, unknown>>;
type Dependencies = Readonly<Record<string, Dependency>>;

const CURES: Cures = {
  config: 'call it configuration',
  deps: 'call it dependencies',
  manifest: "pass the manifest's path as the first argument",
  basePath: "leave it out; it is the manifest's folder",
};

/** The options of {@link Service.load}. */
export interface ServiceOptions {
  /** Values by the manifest's configuration keys. Default: none. Strings are not converted to other types. */
  readonly configuration?: Values | undefined;
  /** Services by the manifest's aliases. Default: none. A function is called for its service at the first read. */
  readonly dependencies?: Dependencies | undefined;
  /** Where the application mounts `router`, for messages and modules. Begins with `/`, the default. */
  readonly mount?: string | undefined;
}

/**
 * A service: a folder with a manifest.json and ES modules, each `export default (applicationContext) => exports`.
 *
 * ```ts
 * const service = await Service.load('services/shop/manifest.json', { configuration, dependencies, mount: '/shop' });
 * app.use(service.mount, service.router);
 * ```
 * The modules of `exports`, then `main`, then `controllers` are called in the manifest's order, one after the other.
 */
export class Service<Exports = Readonly<Record<string, unknown>>> {
  /**
   * The Express handler of `main` and the controllers. It stays the same when the service is configured again. While the
   * service needs configuration, it responds to every request with 500 and `{ error, code, errorMessage }` as JSON.
   */
  readonly router: RequestHandler = (request, response, next) => this.#state.handler(request, response, next);
  readonly #blueprint: Blueprint;
  #given: Values = {};
  #services: Dependencies = {};
  #state: Ready | Waiting;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(blueprint: Blueprint, state: Ready | Waiting) {
    this.#blueprint = blueprint;
    this.#state = state;
    const { name, version } = blueprint.manifest;
    inspectAs(
      this,
      () => ({
        service: `${name}:${version}`,
        mount: this.mount,
        isConfigured: this.isConfigured,
        missing: this.missing,
      }),
      'Service ',
    );
  }

  /**
   * Reads a manifest and calls the service's modules. If a required key or dependency is missing, or a module throws
   * NeedsConfiguration, it resolves all the same, and {@link isConfigured} is false.
   *
   * @param manifestPath a path, a `file:` URL, or the result of `import.meta.resolve`
   * @typeParam Exports what the service exports; not checked
   * @throws TypeError for a wrong manifest, option, configuration value or dependency, or a module without a function
   * @throws ModuleFailed when a module cannot be imported or throws; its `cause` is the reason
   */
  static async load<Exports = Readonly<Record<string, unknown>>>(
    manifestPath: string | URL,
    options: ServiceOptions = {},
  ): Promise<Service<Exports>> {
    knownOnly('Service.load', options, ['configuration', 'dependencies', 'mount'], CURES);
    const { configuration = {}, dependencies = {}, mount = '/' } = options;
    if (typeof mount !== 'string' || !mount.startsWith('/')) {
      throw wrongOption('Service.load', ['mount'], 'must be a path that begins with "/"');
    }
    const blueprint = { ...(await readManifest(manifestPath)), mount };
    const waiting = { isConfigured: false, keys: [], cause: undefined, handler: () => undefined } as const;
    return new Service<Exports>(blueprint, waiting).configure(configuration, dependencies);
  }

  get manifest(): Manifest {
    return this.#blueprint.manifest;
  }

  get mount(): string {
    return this.#blueprint.mount;
  }

  /** The manifest's folder. */
  get basePath(): string {
    return this.#blueprint.basePath;
  }

  /** Whether the service runs. If not, it needs the configuration that {@link missing} names. */
  get isConfigured(): boolean {
    return this.#state.isConfigured;
  }

  /** The configuration keys, and `dependencies.<alias>`, that the service still needs. Empty when it runs. */
  get missing(): readonly string[] {
    return this.#state.isConfigured ? [] : this.#state.keys;
  }

  /**
   * The result of the module in the manifest's `exports`; for an object of modules, their results by name. Without `exports`,
   * the result of `main`, or an empty object.
   *
   * @throws NeedsConfiguration while the service needs configuration
   */
  get exports(): Exports {
    // A module found at run time has no static type: the caller names one in the type argument of load().
    return this.#running().exports as Exports;
  }

  /**
   * Merges values and services into those given before, and calls all modules again. A value of `undefined` restores the
   * default. Calls run one after the other. If one rejects, for the reasons of {@link load}, the service stays as it was.
   */
  configure(configuration: Values = {}, dependencies: Dependencies = {}): Promise<this> {
    const done = this.#turn.then(() => this.#apply(configuration, dependencies));
    this.#turn = done.catch(() => undefined);
    return done;
  }

  /**
   * Calls a module of the manifest's `scripts` with the applicationContext and `args`, and returns its result. What the script
   * throws is passed on.
   *
   * @throws TypeError for a name that the manifest does not have
   * @throws NeedsConfiguration while the service needs configuration
   */
  async run(name: string, ...args: readonly unknown[]): Promise<unknown> {
    const { scripts } = this.manifest;
    const path = Object.hasOwn(scripts, name) ? scripts[name] : undefined;
    if (path === undefined)
      throw new TypeError(
        `service.run: unknown script ${quoted([name])}: the manifest has ${quoted(Object.keys(scripts))}`,
      );
    const { context } = this.#running();
    const script = await importFactory(context, path);
    return script(context, ...args);
  }

  #running(): Ready {
    const state = this.#state;
    if (state.isConfigured) return state;
    const { manifest, mount } = this.#blueprint;
    throw new NeedsConfiguration(state.keys, { service: manifest.name, mount, cause: state.cause });
  }

  async #apply(configuration: Values, dependencies: Dependencies): Promise<this> {
    if (!isPlainObject(configuration))
      throw new TypeError(`configuration: expected an object of values by key, got ${kindOf(configuration)}`);
    if (!isPlainObject(dependencies))
      throw new TypeError(`dependencies: expected an object of services by alias, got ${kindOf(dependencies)}`);
    const { configuration: definitions } = this.manifest;
    const given = { ...this.#given, ...configuration };
    const services = { ...this.#services, ...dependencies };
    this.#state = await assemble(this.#blueprint, given, services);
    this.#given = Object.fromEntries(Object.entries(given).filter(([key]) => Object.hasOwn(definitions, key)));
    this.#services = services;
    return this;
  }
}
