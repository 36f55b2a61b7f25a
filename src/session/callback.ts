import { kindOf } from '../lib/kind-of.js';

/** The callback of express-session's methods. Called without an argument on success. */
export type Callback = (error?: unknown) => void;

/**
 * Calls `callback` when `work` settles, and resolves with `otherwise`: a caller with a callback does not handle rejections.
 * Without a callback, settles as `work` does.
 */
export async function callBack<Value>(
  work: Promise<Value>,
  callback: Callback | undefined,
  otherwise: Value,
): Promise<Value> {
  if (callback === undefined) return await work;
  try {
    await work;
  } catch (error) {
    callback(error);
    return otherwise;
  }
  callback();
  return otherwise;
}

/** @throws TypeError when a method got more arguments than it takes: the caller would wait for a callback for ever */
export function refuseMore(method: string, extra: readonly unknown[]): void {
  if (extra.length === 0) return;
  throw new TypeError(
    `${method}: unexpected argument, ${kindOf(extra[0])}: only save, regenerate and destroy accept a callback`,
  );
}
