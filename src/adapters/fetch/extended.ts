/** The context for a handler: what the server gave, and more. The server's own object may serve other requests, too. */
export function extended<Extended extends object>(
  given: object | undefined,
  more: PropertyDescriptorMap = {},
): Extended {
  const own = given === undefined ? more : { ...Object.getOwnPropertyDescriptors(given), ...more };
  return Object.create(given === undefined ? Object.prototype : Object.getPrototypeOf(given), own);
}
