/**
 * `sessions-jwt/testing`: for authors of stores, and for tests of applications.
 *
 * - `storeSuite` tests a store against every sentence of the port `Store`, with your test runner.
 * - `busSuite` tests a bus against every sentence of the port `Bus`, with your test runner.
 * - `revocationLogSuite` tests a revocation log against every sentence of the port `RevocationLog`, with your test runner.
 * - `adapterSuite` tests `activateSessions` on a framework or server, with your test runner.
 * - `FaultyStore` wraps a store, records its calls, and simulates errors, delays and hangs.
 * - `FakeClock` is a clock that moves only when a test moves it.
 * - `signInAs` signs a user in without the application's sign-in, and returns the headers to send.
 *
 * @module
 */

export type {
  AdapterActivation,
  AdapterApp,
  AdapterCall,
  AdapterData,
  AdapterReply,
  AdapterRequest,
  AdapterResponse,
  AdapterServer,
  AdapterSession,
  AdapterUser,
  InjectedApp,
} from './adapter-app.js';
export type { AdapterFeature } from './adapter-cases/case.js';
export type { AdapterSuiteOptions } from './adapter-suite.js';
export { adapterSuite } from './adapter-suite.js';
export type { BusSuiteOptions } from './bus-suite.js';
export { busSuite } from './bus-suite.js';
export { FakeClock } from './fake-clock.js';
export type { FailOptions, FaultMoment, StoreCall, StoreOperation } from './faulty-store.js';
export { FaultyStore } from './faulty-store.js';
export type { Gate } from './gate.js';
export type { RevocationLogSuiteOptions } from './revocation-log-suite.js';
export { revocationLogSuite } from './revocation-log-suite.js';
export type { SignedIn, SignInOptions, SignInStorage } from './sign-in-as.js';
export { signInAs } from './sign-in-as.js';
export type { StoreSuiteOptions } from './store-suite.js';
export { storeSuite } from './store-suite.js';
export type { SuiteRunner } from './suite-runner.js';
