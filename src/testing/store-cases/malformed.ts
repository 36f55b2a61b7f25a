/** Strings that are not ids, but could be in a request. */
export const MALFORMED_IDS: readonly string[] = [
  '',
  ' ',
  'two words',
  'line\nbreak',
  'null\u0000character',
  '\u0000',
  '../../etc/passwd',
  '*',
  '%',
  "'; DROP TABLE sessions; --",
  '{"id":1}',
  'caf\u00e9',
  '\u{1f600}',
  '\ud800',
  'a'.repeat(65),
  'a'.repeat(10_000),
  '\u{1f600}'.repeat(5_000),
];

/** Strings that are not uids. */
export const MALFORMED_UIDS: readonly string[] = [
  '',
  'null\u0000character',
  '\u0000',
  '\ud800',
  'a'.repeat(256),
  'a'.repeat(10_000),
];
