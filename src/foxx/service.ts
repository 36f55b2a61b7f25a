import type { RequestHandler } from 'express';
import { isPlainObject } from '../lib/json.js';
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

/** What a service is given when it is loaded. */
export interface ServiceOptions {
  /** Values by the manifest's configuration keys; default none. Strings are not converted to other types. */
  readonly configuration?: Values | undefined;
  /** Services by the manifest's aliases; default none. A function is asked for its service at the first read. */
  readonly dependencies?: Dependencies | undefined;
  /** Where the application mounts `router`, for messages and modules; starts with `/`, the default. */
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
   * The Express handler of `main` and the controllers; it stays the same when the service is configured anew. While
   * the service needs configuration, each request is answered 500 with `{ error, code, errorMessage }` as JSON.
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
   * Reads a manifest and calls the service's modules. With a required key or dependency missing, or when a module
   * throws NeedsConfiguration, it resolves all the same and {@link isConfigured} is false.
   *
   * @param manifestPath a path, `file:` URL, or what `import.meta.resolve` gives. The type argument is the caller's word
   *   for what the service exports.
   * @throws TypeError for a wrong manifest, option, configuration value or dependency, or a module without a function
   * @throws ModuleFailed when a module cannot be imported or throws; its `cause` is the reason
   */
  static async load<Exports = Readonly<Record<string, unknown>>>(
    manifestPath: string | URL,
    options: ServiceOptions = {},
  ): Promise<Service<Exports>> {
    const { configuration = {}, dependencies = {}, mount = '/', ...unknown } = options;
    if (Object.keys(unknown).length > 0) throw new TypeError(`unknown options: ${quoted(Object.keys(unknown))}`);
    if (typeof mount !== 'string' || !mount.startsWith('/'))
      throw new TypeError('mount must be a path that starts with "/"');
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

  /** Whether the service runs; false: it needs the configuration that {@link missing} names. */
  get isConfigured(): boolean {
    return this.#state.isConfigured;
  }

  /** The configuration keys, and `dependencies.<alias>`, that the service waits for; empty when it runs. */
  get missing(): readonly string[] {
    return this.#state.isConfigured ? [] : this.#state.keys;
  }

  /**
   * The result of the module that the manifest's `exports` names, or for an object of modules their results by name;
   * without `exports` the result of `main`, else an empty object.
   *
   * @throws NeedsConfiguration while the service needs configuration
   */
  get exports(): Exports {
    // What a module found at run time exports is known to its author alone, who named it in load's type argument.
    return this.#running().exports as Exports;
  }

  /**
   * Merges further values (undefined: back to the default) and services into those given before, and calls all modules
   * again. Calls take turns. When one is rejected, for the reasons of {@link load}, the service stays as it was.
   */
  configure(configuration: Values = {}, dependencies: Dependencies = {}): Promise<this> {
    const done = this.#turn.then(() => this.#apply(configuration, dependencies));
    this.#turn = done.catch(() => undefined);
    return done;
  }

  /**
   * Calls a module of the manifest's `scripts` with the applicationContext and `args`, and gives its result. What the
   * script throws is passed on.
   *
   * @throws TypeError for a name the manifest does not have, NeedsConfiguration while the service needs configuration
   */
  async run(name: string, ...args: readonly unknown[]): Promise<unknown> {
    const { scripts } = this.manifest;
    const path = Object.hasOwn(scripts, name) ? scripts[name] : undefined;
    if (path === undefined)
      throw new TypeError(`unknown script ${quoted([name])}; known: ${quoted(Object.keys(scripts))}`);
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
    if (!isPlainObject(configuration)) throw new TypeError('configuration must be an object of values by key');
    if (!isPlainObject(dependencies)) throw new TypeError('dependencies must be an object of services by alias');
    const { configuration: definitions } = this.manifest;
    const given = { ...this.#given, ...configuration };
    const services = { ...this.#services, ...dependencies };
    this.#state = await assemble(this.#blueprint, given, services);
    this.#given = Object.fromEntries(Object.entries(given).filter(([key]) => Object.hasOwn(definitions, key)));
    this.#services = services;
    return this;
  }
}
