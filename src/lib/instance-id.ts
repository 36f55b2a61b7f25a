/** The request header by which a client names its instance, such as a browser tab. */
export const INSTANCE_HEADER = 'x-session-instance';

const INSTANCE_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Whether this can be the id of an instance: 1 to 64 letters, digits, `_` or `-`. Clients choose it, so it proves nothing. */
export function isInstanceId(value: unknown): value is string {
  return typeof value === 'string' && INSTANCE_ID.test(value);
}
