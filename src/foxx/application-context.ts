import { resolve } from 'node:path';
import type { Router } from 'express';
import { staysInside } from './inside.js';
import { inspectAs } from './inspection.js';
import type { Manifest } from './manifest.js';

/** What an {@link ApplicationContext} is made of. */
export interface ApplicationContextParts<Configuration, Dependencies> {
  readonly configuration: Configuration;
  readonly dependencies: Dependencies;
  readonly manifest: Manifest;
  readonly mount: string;
  readonly basePath: string;
  readonly router?: Router | undefined;
}

/**
 * What each module of a service is called with: `export default (applicationContext) => exports`.
 *
 * TypeScript modules name what their manifest promises them:
 * `(context: ApplicationContext<{ jwtSecret: string }, { sessions: { sessionStorage: SessionStorage } }>) => ...`.
 */
export class ApplicationContext<
  Configuration = Readonly<Record<string, unknown>>,
  Dependencies = Readonly<Record<string, unknown>>,
> {
  /** Values by key, frozen; inspecting it hides passwords. */
  readonly configuration: Configuration;
  /**
   * The exports of other services by alias, read anew each time; undefined for an optional one that was not given.
   * Reading one whose service still waits for its own configuration throws NeedsConfiguration.
   */
  readonly dependencies: Dependencies;
  readonly manifest: Manifest;
  /** Where the application says it mounts the service, such as `/shop`; default `/`. */
  readonly mount: string;
  /** The manifest's folder, absolute. */
  readonly basePath: string;
  /** An Express router of this module's own, for `main` and controllers; undefined for exports and scripts. */
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
   * @throws TypeError for a path that is absolute or leaves the folder
   */
  fileName(path: string): string {
    if (!staysInside(path))
      throw new TypeError(`${JSON.stringify(path)} is not a relative path inside ${this.basePath}`);
    return resolve(this.basePath, path);
  }

  /** The same context with a router. */
  withRouter(router: Router): ApplicationContext<Configuration, Dependencies> {
    return new ApplicationContext({ ...this, router });
  }

  /** The manifest by name alone: it may hold the default of a password. */
  #summary(): object {
    const { configuration, dependencies, mount, basePath, manifest } = this;
    const service = `${manifest.name}:${manifest.version}`;
    return { service, mount, basePath, configuration, dependencies: Object.keys(dependencies ?? {}) };
  }
}
