import { isUint8Array } from 'node:util/types';

/** Text as SQLite can store it: a blob of UTF-16 when it contains U+0000 or is not well-formed. */
export function storedText(text: string): string | Uint8Array {
  return text.isWellFormed() && !text.includes('\0') ? text : Buffer.from(text, 'utf16le');
}

/** The original text of {@link storedText}. */
export function readText(value: unknown): string {
  if (!isUint8Array(value)) return String(value);
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf16le');
}
