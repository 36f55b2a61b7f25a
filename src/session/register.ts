/**
 * The application's own types, said once: merge this interface and every session is typed by it.
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

/** The class of sessions: say `storage: 'server'` in `Register` where a ServerSessionStorage keeps them. */
export type RegisteredKind = Register extends { storage: 'server' } ? 'server' : 'token';

/** The type of sessionData: `Register['data']`, or any JSON object. */
export type RegisteredData = Register extends { data: infer Data } ? Data : Record<string, unknown>;

/** The type of userData: `Register['user']`, or any JSON object. */
export type RegisteredUser = Register extends { user: infer User } ? User : Record<string, unknown>;
