const ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Whether this can be an id or a lineage. A store asks its backend for no other, because some backends reject or change malformed text. */
export function isId(id: string): boolean {
  return ID.test(id);
}
