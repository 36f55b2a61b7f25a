/** Texts that a backend may change, reject or confuse. */
export const ODD_TEXTS: readonly string[] = [
  '',
  ' ',
  'null\u0000character',
  'line\nbreak\r\n',
  'a|b:{c}*%?[d]\\',
  `'"\`;--`,
  '{"$ne":""}',
  '__proto__',
  'caf\u00e9 cafe\u0301',
  '\u{1f468}\u200d\u{1f469}\u202e\ufeff\ufffd\uffff',
  '\u0001\u007f\u0085\u2028',
  'x'.repeat(100_000),
];

/** Ends of topics and keys that a pattern, a collation or a prefix may take for one another. */
export const SIMILAR_ENDS: readonly string[] = [
  '',
  ' ',
  '*',
  '?',
  '%',
  '_',
  'a',
  'A',
  '\u00e9',
  'e\u0301',
  ':',
  '{x}',
  '\\',
];
