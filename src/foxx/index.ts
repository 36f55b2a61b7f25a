/**
 * Services as in Foxx: a manifest with configuration and dependencies, and controllers on an Express router.
 *
 * @module
 */

export type { ApplicationContext } from './application-context.js';
export type { ConfigurationType } from './configuration-type.js';
export type { ControllerOptions, Route } from './controller.js';
export { Controller } from './controller.js';
export type { ControllerSessionsOptions } from './controller-sessions.js';
export type { Dependency, ServiceReference } from './dependencies.js';
export type { NeedsConfigurationDetails } from './errors.js';
export { ModuleFailed, NeedsConfiguration } from './errors.js';
export type { Handler } from './handler.js';
export type { ConfigurationDefinition, DependencyDefinition, Manifest } from './manifest.js';
export type { ServiceOptions } from './service.js';
export { Service } from './service.js';
export type { SessionStorageConfiguration } from './session-storage.js';
export type { DestroySessionOptions } from './sign-out.js';
