/** Whether `value` can name a browser tab (an instance): 1 to 64 characters of `A-Z a-z 0-9 _ -`. */
export function isInstanceId(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(value);
}
