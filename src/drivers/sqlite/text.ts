/** Text that comes back character by character: as a blob of UTF-16 where it has U+0000 or is not well-formed, which SQLite's text cannot carry. */
export function storedText(text: string): string | Uint8Array {
  return text.isWellFormed() && !text.includes('\0') ? text : Buffer.from(text, 'utf16le');
}

/** The text that {@link storedText} made this of. */
export function readText(value: unknown): string {
  if (!(value instanceof Uint8Array)) return String(value);
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf16le');
}
