/**
 * Any text as one line that is safe in a log or a terminal: control characters, formatting characters (text direction, zero width) and lone
 * surrogates are written as escapes (OWASP ASVS 16.4.1).
 */
export function escaped(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from({ length: character.length }, (_, index) => {
      return `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
    }).join(''),
  );
}
