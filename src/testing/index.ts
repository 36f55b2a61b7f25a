/**
 * sessions-jwt/testing: for whoever writes a store, or tests an application that has sessions.
 *
 * - `storeSuite` holds a store to each sentence of the port `Store`, on the runner that it is given.
 * - `FaultyStore` wraps a store: it fails, waits or falls silent on demand, and notes the calls.
 * - `FakeClock` is time that passes only when it is told to.
 * - `signInAs` signs a user in past the application, for tests of what it does for them.
 *
 * @module
 */

export { FakeClock } from './fake-clock.js';
export type { FailOptions, FaultMoment, StoreCall, StoreOperation } from './faulty-store.js';
export { FaultyStore } from './faulty-store.js';
export type { Gate } from './gate.js';
export type { SignedIn, SignInOptions, SignInStorage } from './sign-in-as.js';
export { signInAs } from './sign-in-as.js';
export type { StoreSuiteOptions } from './store-suite.js';
export { storeSuite } from './store-suite.js';
export type { SuiteRunner } from './suite-runner.js';
