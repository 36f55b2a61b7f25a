const ID = /^[A-Za-z0-9_-]{1,64}$/;
const LONGEST_UID = 255;

/** Whether this can be an id at all. Databases reject or change anything that is not well-formed text. */
export function isId(id: string): boolean {
  return ID.test(id);
}

/** Whether a user can have this uid. */
export function isUid(uid: string): boolean {
  return uid !== '' && uid.length <= LONGEST_UID && uid.isWellFormed() && !uid.includes('\0');
}
