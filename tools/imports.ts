/**
 * Finds the modules that a source file imports by reading its text, because TypeScript 7 has no JavaScript API.
 *
 * A first pass blanks comments, regular expressions and the content of strings. The second finds import statements, so
 * nothing inside a comment or a string counts as one.
 *
 * @module
 */

/** One place where a file imports another module. */
export interface Import {
  readonly specifier: string;
  /** 1-based. */
  readonly line: number;
  /** `import type` or `export type ... from`: erased at runtime. */
  readonly typeOnly: boolean;
  /** `export ... from`. */
  readonly reexport: boolean;
}

const START = String.raw`(?<![\w$.#])`;
const NAMES = String.raw`(?:[\w$]+\s*,?\s*)?(?:\*(?:\s*as\s+[\w$]+)?|\{[^{}]*\})?`;
const STATEMENT = new RegExp(
  `${START}(?<verb>import|export)\\b\\s*(?<type>type\\b(?!\\s*from\\b))?\\s*(?:${NAMES}\\s*\\bfrom\\b)?\\s*(?<quote>['"])`,
  'g',
);
const CALL = new RegExp(`${START}(?:import|require)\\s*\\(\\s*(?<quote>['"\`])`, 'g');

/** Every import, re-export, dynamic import and `require` of `source` with a literal specifier, in order. */
export function importsOf(source: string): Import[] {
  const code = blank(source);
  const matches = [STATEMENT, CALL].flatMap((pattern) => [...code.matchAll(pattern)]);
  return matches
    .sort((a, b) => a.index - b.index)
    .map(({ 0: text, index, groups }) => {
      const opening = index + text.length;
      return {
        specifier: source.slice(opening, code.indexOf(groups?.['quote'] ?? '', opening)),
        line: source.slice(0, index).split('\n').length,
        typeOnly: groups?.['type'] !== undefined,
        reexport: groups?.['verb'] === 'export',
      };
    })
    .filter(({ specifier }) => !specifier.includes('${'));
}

const COMMENT = /\/\/[^\n]*|\/\*.*?(?:\*\/|$)/sy;
const STRING = /(?<quote>['"])(?<inside>(?:(?!\k<quote>)[^\\\n]|\\.)*)/sy;
const TEMPLATE_TEXT = /(?:[^\\`$]|\\.|\$(?!\{))*/sy;
const REGEXP = /\/(?:[^\\/[\n]|\\.|\[(?:[^\\\]\n]|\\.)*\])+\/\w*/y;
/** The text before a slash that begins a regular expression. After any other text, a slash divides. */
const BEFORE_REGEXP =
  /(?:^|[=(,:;!&|?{}[+\-*%<>~^]|\b(?:return|typeof|case|in|of|void|delete|throw|else|do|await|yield))\s*$/;

/** The same text with comments, regular expressions and the content of strings blanked. Length and lines stay the same. */
export function blank(source: string): string {
  /** For each template literal around this position: the number of braces open since its `${`. */
  const templates: number[] = [];
  let out = '';

  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = out.length;
    return pattern.exec(source);
  };
  const keep = (length: number): void => {
    out += source.slice(out.length, out.length + length);
  };
  const hide = (length: number): void => {
    out += source.slice(out.length, out.length + length).replace(/[^\n]/g, ' ');
  };
  const insideTemplate = (): void => {
    hide(take(TEMPLATE_TEXT)?.[0].length ?? 0);
    if (source[out.length] === '$') {
      templates.push(0);
      keep(2);
    } else keep(1);
  };

  while (out.length < source.length) {
    const char = source[out.length];
    const open = templates.at(-1);
    if (char === '/') {
      const hidden = take(COMMENT) ?? (BEFORE_REGEXP.test(out.slice(-80)) ? take(REGEXP) : null);
      if (hidden) hide(hidden[0].length);
      else keep(1);
    } else if (char === "'" || char === '"') {
      const literal = take(STRING);
      keep(1);
      hide(literal?.groups?.['inside']?.length ?? 0);
      if (source[out.length] === char) keep(1);
    } else if (char === '`') {
      keep(1);
      insideTemplate();
    } else if (char === '}' && open === 0) {
      templates.pop();
      keep(1);
      insideTemplate();
    } else {
      if (open !== undefined && (char === '{' || char === '}'))
        templates[templates.length - 1] = open + (char === '{' ? 1 : -1);
      keep(1);
    }
  }
  return out;
}
