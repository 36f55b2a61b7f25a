/** The callback of express-session's methods: called without an error when it worked. */
export type Callback = (error?: unknown) => void;

/**
 * What `work` gives; or with a callback, `otherwise` once that was called: its caller looks for the error there, and nobody handles
 * a rejection.
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
