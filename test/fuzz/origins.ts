/** The host of the servers, whatever their port is: requests name it. */
export const HOST = 'shop.example:8443';
/** The origin of their own pages. */
export const OWN: string = `http://${HOST}`;
/** One that they list. */
export const LISTED = 'https://partner.example';
export const EVIL = 'https://evil.example';
