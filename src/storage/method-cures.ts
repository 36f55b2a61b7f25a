/** What to call instead of methods that no storage has. */
export const STORAGE_METHODS: ReadonlyMap<string, string> = new Map([
  ['on', 'call storage.events.on(name, listener)'],
  ['set', 'call storage.create(), change the session, and save it'],
  ['destroy', 'call storage.revoke({ sid })'],
]);

/** The same, for methods that only a ServerSessionStorage has. */
export const STORE_METHODS: ReadonlyMap<string, string> = new Map([
  ...STORAGE_METHODS,
  ['update', 'changing a session from outside needs a store: use a ServerSessionStorage'],
  ['sweep', 'tokens leave nothing behind that would have to be removed, and a registry is swept in the background'],
]);
