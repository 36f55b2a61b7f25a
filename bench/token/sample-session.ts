import { randomBytes } from 'node:crypto';

/** What the measured sessions hold. */
export interface SampleData {
  readonly cart: readonly { readonly sku: string; readonly quantity: number }[];
  readonly theme: string;
  /** What requests that change the session write. */
  change?: number;
}

/** What is kept about their users. */
export interface SampleUser {
  readonly name: string;
  readonly role: string;
}

/** Session data of about 100 bytes: with it a token has about 500 characters. */
export function sampleData(index: number): SampleData {
  return { cart: [{ sku: `SKU-${1000 + (index % 9000)}`, quantity: 1 + (index % 9) }], theme: 'dark' };
}

export function sampleUser(index: number): SampleUser {
  return { name: `User ${1000 + (index % 9000)}`, role: 'editor' };
}

/** HS512 asks for 64 bytes (RFC 7518 section 3.2). */
export function sampleSecret(): Buffer {
  return randomBytes(64);
}
