/**
 * Sessions of live web applications, as Weave has them: three cookies, a CSRF token for every request, and functions that sign in, sign
 * out, push, broadcast and report activity.
 *
 * @module
 */

export type { WeaveCookies, WeaveOptions, WeaveStorage } from './options.js';
export type { WeaveActivateOptions } from './weave.js';
export { Weave, weaveSessions } from './weave.js';
export { WeaveLive } from './weave-live.js';
export { type WeaveIdentity, type WeaveRequest, WeaveTab } from './weave-tab.js';
