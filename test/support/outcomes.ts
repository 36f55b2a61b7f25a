import { type CommitResult, SessionExpired, SessionNotFound } from '../../src/index.js';
import type { Codec } from '../../src/token/codec.js';
import { Refusal } from '../../src/token/refusal.js';

type ErrorClass<Thrown extends Error> = abstract new (...args: never[]) => Thrown;

/**
 * The error that `action` throws, or a promise of the error that its promise rejects with. Fails when there is none, or
 * when it is no `type`. Await the result when the type of `action` does not say whether it returns a promise.
 */
export function errorOf<Thrown extends Error = Error>(
  action: () => Promise<unknown>,
  type?: ErrorClass<Thrown>,
): Promise<Thrown>;
export function errorOf<Thrown extends Error = Error>(action: () => unknown, type?: ErrorClass<Thrown>): Thrown;
export function errorOf(action: () => unknown, type: ErrorClass<Error> = Error): Error | Promise<Error> {
  return settle(action, missing, (error) => {
    if (error instanceof type) return error;
    throw error instanceof Error ? error : new Error(`not an Error: ${String(error)}`);
  });
}

function missing(): never {
  throw new Error('there was no error');
}

/** Anything that opens sids, at once or as promises. */
interface Opener<Opened = unknown> {
  get(sid: unknown, options?: { readonly touch?: boolean }): Opened;
}

/** What opening a sid gives, without touching its session: 'opened', or the reason of its {@link SessionNotFound}. */
export function openingOf(storage: Opener<Promise<unknown>>, sid: unknown): Promise<string>;
export function openingOf(storage: Opener, sid: unknown): string;
export function openingOf(storage: Opener, sid: unknown): string | Promise<string> {
  return settle(() => storage.get(sid, { touch: false }), opened, reasonOf);
}

/** The same of several sids. */
export function openingsOf(storage: Opener<Promise<unknown>>, ...sids: readonly unknown[]): Promise<string[]>;
export function openingsOf(storage: Opener, ...sids: readonly unknown[]): string[];
export function openingsOf(storage: Opener, ...sids: readonly unknown[]): string[] | Promise<string[]> {
  const openings: (string | Promise<string>)[] = sids.map((sid) => openingOf(storage, sid));
  const isKnown = (opening: string | Promise<string>): opening is string => typeof opening === 'string';
  return openings.every(isKnown) ? openings : Promise.all(openings);
}

function opened(): string {
  return 'opened';
}

/** Why a sid opened nothing. Throws anything but SessionNotFound. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof SessionNotFound)) throw error;
  return error instanceof SessionExpired ? `expired: ${error.reason}` : error.reason;
}

/** The outcome of a commit. */
export async function outcomeOf(result: CommitResult | Promise<CommitResult>): Promise<CommitResult['outcome']> {
  return (await result).outcome;
}

/** What the signature layer alone says of a token: 'accepted', or the reason why not. */
export function verificationOf(codec: Codec, token: unknown): string {
  const verified = codec.verify(token);
  return verified instanceof Refusal ? verified.reason : 'accepted';
}

function settle<Outcome>(
  action: () => unknown,
  succeeded: () => Outcome,
  failed: (error: unknown) => Outcome,
): Outcome | Promise<Outcome> {
  let result: unknown;
  try {
    result = action();
  } catch (error) {
    return failed(error);
  }
  return result instanceof Promise ? result.then(succeeded, failed) : succeeded();
}
