/**
 * sessions-jwt/testing: for whoever writes a store, or tests an application that has sessions.
 *
 * @module
 */

export type { StoreSuiteOptions } from './store-suite.js';
export { storeSuite } from './store-suite.js';
export type { SuiteRunner } from './suite-runner.js';
