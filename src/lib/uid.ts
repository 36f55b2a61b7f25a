/** The longest id of a user, in UTF-16 units. */
export const LONGEST_UID = 255;

/** Whether `uid` can be the id of a user: 1 to 255 UTF-16 units, well-formed, without U+0000. Some databases reject or change other text. */
export function isUid(uid: unknown): uid is string {
  return (
    typeof uid === 'string' && uid.length >= 1 && uid.length <= LONGEST_UID && uid.isWellFormed() && !uid.includes('\0')
  );
}
