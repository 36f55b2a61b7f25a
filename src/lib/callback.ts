/** The callback of express-session's methods. Called without an argument on success. */
export type Callback = (error?: unknown) => void;

/**
 * Calls `callback` when `work` settles, and resolves with `otherwise`: a caller with a callback does not handle rejections.
 * Without a callback, settles as `work` does.
 */
export async function tell<Value>(
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
