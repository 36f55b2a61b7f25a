const ID = /^[A-Za-z0-9_-]{1,64}$/;
const LONGEST_UID = 255;

/** Whether this can be an id or a lineage. A store asks its backend for no other, because some backends reject or change malformed text. */
export function isId(id: string): boolean {
  return ID.test(id);
}

/** Whether this can be the uid of a user. */
export function isUid(uid: string): boolean {
  return uid !== '' && uid.length <= LONGEST_UID && uid.isWellFormed() && !uid.includes('\0');
}
