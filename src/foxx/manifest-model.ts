import type { ConfigurationType } from './configuration-type.js';

/** One configuration key of a service. */
export interface ConfigurationDefinition {
  /** Default `string`. A manifest may also write `int` for integer and `bool` for boolean. */
  readonly type: ConfigurationType;
  readonly description?: string | undefined;
  /** Used while no value is given; fits the type. */
  readonly default?: unknown;
  /** Default true: without value and default the service waits for its configuration. */
  readonly required: boolean;
}

/** Another service that this one uses. `"sessions": "sessions-jwt:^1.0.0"` is short for its name and version. */
export interface DependencyDefinition {
  /** The `name` in the other service's manifest. */
  readonly name: string;
  /** semver range that the other service's version satisfies; default `*`. */
  readonly version: string;
  /** Default true: without it the service waits. false: the alias reads as undefined when nothing is given. */
  readonly required: boolean;
  readonly description?: string | undefined;
}

/**
 * A service's manifest, after reading: short forms written out, defaults filled in, frozen. Every path is relative to
 * the manifest's folder and stays inside it. Other keys of the file (keywords, repository ...) are not kept.
 */
export interface Manifest {
  readonly name: string;
  /** A semantic version. */
  readonly version: string;
  readonly description?: string | undefined;
  readonly license?: string | undefined;
  readonly author?: string | undefined;
  readonly engines: Readonly<Record<string, string>>;
  readonly configuration: Readonly<Record<string, ConfigurationDefinition>>;
  readonly dependencies: Readonly<Record<string, DependencyDefinition>>;
  /** One module whose result is the service's exports, or a module for each name exported. */
  readonly exports?: string | Readonly<Record<string, string>> | undefined;
  /** Modules by the path their router is mounted at; a lone path in the file means `/`. */
  readonly controllers: Readonly<Record<string, string>>;
  /** A module called with a router at `/`, ahead of the controllers. */
  readonly main?: string | undefined;
  /** Modules that `service.run(name)` calls. */
  readonly scripts: Readonly<Record<string, string>>;
  /** Paths or glob patterns of the service's tests; nothing here runs them. */
  readonly tests: readonly string[];
}
