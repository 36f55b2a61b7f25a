/**
 * Settles as `work` does, or rejects after `ms`. Unlike `within` of lib/deadline, it does not keep the process alive. `work`
 * may also throw synchronously.
 */
export function settledWithin<Value>(ms: number, work: () => Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the revocation log did not answer within ${ms} ms`)), ms);
    timer.unref();
    Promise.resolve()
      .then(work)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}
