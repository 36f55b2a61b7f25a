import { createHmac } from 'node:crypto';
import { type CommitResult, RevocationList, SessionStorage, type SessionStorageOptions } from '../../src/index.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { NOW } from './token-fixtures.js';

/** 64 bytes, as HS512 asks for. */
export const SECRET = 'sixty-four bytes that are known to all who read these tests: 001';

type Options<Data, User, DataInput> = Partial<SessionStorageOptions<Data, User, DataInput>>;

/** A storage and the clock it goes by, which stands still until it is set. */
export function bench<Data = Record<string, unknown>, User = Record<string, unknown>, DataInput = Data>(
  options: Options<Data, User, DataInput> = {},
): { readonly clock: FakeClock; readonly storage: SessionStorage<Data, User, DataInput> } {
  const clock = new FakeClock(NOW);
  const storage = new SessionStorage<Data, User, DataInput>({ jwtSecret: SECRET, clock, ...options });
  return { clock, storage };
}

/** A bench whose storage can end sessions before their time. */
export function revokingBench(
  options: Options<Record<string, unknown>, Record<string, unknown>, Record<string, unknown>> = {},
) {
  return bench({ revocations: new RevocationList(), ...options });
}

/** A token with any claims at all, signed as the benches' storages sign theirs. */
export function tokenOf(payload: unknown, header: object = { alg: 'HS512', typ: 'session+jwt' }): string {
  const input = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${input}.${createHmac('sha512', SECRET).update(input).digest('base64url')}`;
}

/** What a token says. */
export function claimsOf(token: string): Record<string, unknown> {
  const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  if (typeof claims === 'object' && claims !== null) return { ...claims };
  throw new Error('no claims');
}

/** The sid that a commit issued. */
export async function issuedBy(result: CommitResult | Promise<CommitResult>): Promise<string> {
  const settled = await result;
  if (settled.outcome === 'issued') return settled.sid;
  throw new Error(`the outcome was ${settled.outcome}`);
}

/** Calls a method as plain JavaScript can, with arguments that the compiler would refuse. */
export function callUntyped(target: object, method: string, ...args: readonly unknown[]): unknown {
  const found: unknown = Reflect.get(target, method);
  if (typeof found === 'function') return Reflect.apply(found, target, args);
  throw new Error(`no method ${method}`);
}
