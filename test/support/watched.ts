/** What became of a promise so far: its value, its error, or 'pending'. */
export function watched(promise: Promise<unknown>): { readonly value: unknown } {
  const watch: { value: unknown } = { value: 'pending' };
  promise.then(
    (value) => Object.assign(watch, { value }),
    (value: unknown) => Object.assign(watch, { value }),
  );
  return watch;
}
