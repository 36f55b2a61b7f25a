/**
 * The types of your sessions. Augment this interface once, and every session has them.
 *
 * ```ts
 * declare module 'sessions-jwt' {
 *   interface Register {
 *     data: { cart: string[] };
 *     user: { name: string };
 *   }
 * }
 * ```
 */
// biome-ignore lint/suspicious/noEmptyInterface: it is there to be merged with
export interface Register {}

/** The class of sessions: set `storage: 'server'` in `Register` if you use a ServerSessionStorage. */
export type RegisteredKind = Register extends { storage: 'server' } ? 'server' : 'token';

/** The type of `sessionData`: `Register['data']`, or any JSON object. */
export type RegisteredData = Register extends { data: infer Data } ? Data : Record<string, unknown>;

/** The type of `userData`: `Register['user']`, or any JSON object. */
export type RegisteredUser = Register extends { user: infer User } ? User : Record<string, unknown>;
