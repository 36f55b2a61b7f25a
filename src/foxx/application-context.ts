import { resolve } from 'node:path';
import type { Router } from 'express';
import { staysInside } from './inside.js';
import { inspectAs } from './inspection.js';
import type { Manifest } from './manifest.js';

/** The parts of an {@link ApplicationContext}. */
export interface ApplicationContextParts<Configuration, Dependencies> {
  readonly configuration: Configuration;
  readonly dependencies: Dependencies;
  readonly manifest: Manifest;
  readonly mount: string;
  readonly basePath: string;
  readonly router?: Router | undefined;
}

/**
 * The argument of each module of a service: `export default (applicationContext) => exports`.
 *
 * TypeScript modules declare what their manifest promises:
 * `(context: ApplicationContext<{ jwtSecret: string }, { sessions: { sessionStorage: SessionStorage } }>) => ...`.
 */
export class ApplicationContext<
  Configuration = Readonly<Record<string, unknown>>,
  Dependencies = Readonly<Record<string, unknown>>,
> {
  /** Values by key. Frozen; `util.inspect` and `console` hide passwords. */
  readonly configuration: Configuration;
  /**
   * The exports of other services by alias, looked up at each read. `undefined` for an optional service that was not given.
   * Reading one throws NeedsConfiguration while its service needs configuration.
   */
  readonly dependencies: Dependencies;
  readonly manifest: Manifest;
  /** Where the application mounts the service, such as `/shop`. Default `/`. */
  readonly mount: string;
  /** The manifest's folder, absolute. */
  readonly basePath: string;
  /** An Express router for this module of `main` or `controllers`; `undefined` for exports and scripts. */
  readonly router: Router | undefined;

  constructor(parts: ApplicationContextParts<Configuration, Dependencies>) {
    this.configuration = parts.configuration;
    this.dependencies = parts.dependencies;
    this.manifest = parts.manifest;
    this.mount = parts.mount;
    this.basePath = parts.basePath;
    this.router = parts.router;
    inspectAs(this, () => this.#summary(), 'ApplicationContext ');
  }

  /**
   * The absolute path of a file in the service's folder.
   *
   * @throws TypeError for an absolute path, or one that leaves the folder
   */
  fileName(path: string): string {
    if (!staysInside(path))
      throw new TypeError(`${JSON.stringify(path)} is not a relative path inside ${this.basePath}`);
    return resolve(this.basePath, path);
  }

  /** A copy of this context with a router. */
  withRouter(router: Router): ApplicationContext<Configuration, Dependencies> {
    return new ApplicationContext({ ...this, router });
  }

  /** Of the manifest only name and version: it may have a default password. */
  #summary(): object {
    const { configuration, dependencies, mount, basePath, manifest } = this;
    const service = `${manifest.name}:${manifest.version}`;
    return { service, mount, basePath, configuration, dependencies: Object.keys(dependencies ?? {}) };
  }
}
