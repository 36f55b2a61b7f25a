import semver from 'semver';
import { kindOf } from '../lib/kind-of.js';
import { isNeedsConfiguration, NeedsConfiguration } from './errors.js';
import type { DependencyDefinition, Manifest } from './manifest.js';
import { quoted } from './quoted.js';

/** What a service needs of another. Every `Service` has it, also one from another copy of this package. */
export interface ServiceReference {
  readonly manifest: Pick<Manifest, 'name' | 'version'>;
  readonly exports: unknown;
}

/** A loaded service, or a function that returns it, for services that depend on each other. Called at the first read. */
export type Dependency = ServiceReference | (() => ServiceReference | undefined);

export interface LinkedDependencies {
  /** Frozen. Each alias is a getter of the current exports of its service. */
  readonly dependencies: Readonly<Record<string, unknown>>;
  /** `dependencies.<alias>` for each required service that was not given. */
  readonly missing: readonly string[];
}

/** @throws TypeError for an alias that the manifest does not name, or a service of another name or version */
export function linkDependencies(
  wanted: Readonly<Record<string, DependencyDefinition>>,
  given: Readonly<Record<string, Dependency>>,
): LinkedDependencies {
  const unknown = Object.keys(given).filter((alias) => !Object.hasOwn(wanted, alias));
  if (unknown.length > 0) {
    throw new TypeError(`unknown dependencies ${quoted(unknown)}: the manifest names ${quoted(Object.keys(wanted))}`);
  }
  const dependencies: Record<string, unknown> = {};
  const missing: string[] = [];
  for (const [alias, definition] of Object.entries(wanted)) {
    const dependency = Object.hasOwn(given, alias) ? given[alias] : undefined;
    if (dependency === undefined && definition.required) missing.push(`dependencies.${alias}`);
    Object.defineProperty(dependencies, alias, { enumerable: true, get: reader(alias, definition, dependency) });
  }
  return { dependencies: Object.freeze(dependencies), missing };
}

function reader(alias: string, wanted: DependencyDefinition, dependency: Dependency | undefined): () => unknown {
  if (dependency === undefined) return () => undefined;
  let service = typeof dependency === 'function' ? undefined : checked(alias, wanted, dependency);
  return () => {
    if (service === undefined && typeof dependency === 'function') service = checked(alias, wanted, dependency());
    try {
      return service?.exports;
    } catch (error) {
      // Otherwise the error would name the dependency's keys as those of the service that reads it.
      throw isNeedsConfiguration(error) ? new NeedsConfiguration(`dependencies.${alias}`, { cause: error }) : error;
    }
  };
}

function checked(alias: string, wanted: DependencyDefinition, service: unknown): ServiceReference {
  if (service === undefined) {
    throw new TypeError(`dependencies.${alias}: its function returned no service yet; read it later, in a handler`);
  }
  if (!isServiceReference(service)) {
    throw new TypeError(
      `dependencies.${alias} must be a Service or a function that returns one, got ${kindOf(service)}`,
    );
  }
  const { name, version } = service.manifest;
  if (name === wanted.name && semver.satisfies(version, wanted.version)) return service;
  throw new TypeError(`dependencies.${alias} must be ${wanted.name}:${wanted.version}, not ${name}:${version}`);
}

function isServiceReference(value: unknown): value is ServiceReference {
  if (typeof value !== 'object' || value === null || !('manifest' in value) || !('exports' in value)) return false;
  const { manifest } = value;
  return typeof manifest === 'object' && manifest !== null && 'name' in manifest && 'version' in manifest;
}
