/** Digits that the latest time there is takes in base 36. */
const TIME_DIGITS = 11;

const ID = /^[\w-]{1,64}$/;

/** Whether anything can be kept under `id`; lmdb throws at keys that are empty or too long. */
export function isId(id: string): boolean {
  return ID.test(id);
}

/** Sorts by time. */
export function expiryKey(time: number, id: string): string {
  return timeKey(time) + id;
}

/** Behind all keys of earlier times, before all others. */
export function timeKey(time: number): string {
  return time.toString(36).padStart(TIME_DIGITS, '0');
}

/** What {@link expiryKey} was made of. */
export function parseExpiryKey(key: string): { readonly time: number; readonly id: string } {
  return { time: Number.parseInt(key.slice(0, TIME_DIGITS), 36), id: key.slice(TIME_DIGITS) };
}

/** A uid has no NUL, so no user's keys begin like another's. As bytes: lmdb spells short and long strings in different ways. */
export function userKey(uid: string, id: string): Buffer {
  return Buffer.from(`${uid}\0${id}`);
}
