/** The types that the entry of every framework exports. */

export type { Sink, StreamHead, StreamRequest, StreamSource } from '../ports/stream.js';
export type { ActivateOptions } from './activate-options.js';
export type { CsrfAccess, SessionAccess } from './activation.js';
export type { CsrfOptions } from './csrf/options.js';
export type { IdentityOptions } from './identity-options.js';
export type { CreatePolicy } from './lifecycle.js';
export type { StreamOptions } from './stream-route.js';
export type { CookieOptions, CookieScope } from './transports/cookie-options.js';
export type { HeaderOptions } from './transports/header.js';
