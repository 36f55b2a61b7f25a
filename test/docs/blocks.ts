/** One fenced block of a document. */
export interface Block {
  readonly document: string;
  readonly line: number;
  readonly code: string;
}

/** The fenced blocks of one language in a Markdown text. */
export function blocksOf(document: string, markdown: string, language: string): Block[] {
  const blocks: Block[] = [];
  const fences = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm');
  for (const match of markdown.matchAll(fences)) {
    const line = markdown.slice(0, match.index).split('\n').length + 1;
    blocks.push({ document, line, code: match[1] ?? '' });
  }
  return blocks;
}

/** The name under which other blocks of its page import a block: that of a file, in its first line. */
export function nameOf({ code }: Block): string | undefined {
  return /^\/\/ ([\w-]+\.[jt]s)\n/.exec(code)?.[1];
}

/** A program of an example: `expression; // => value` becomes an assertion, and servers listen on a free port. */
export function programOf(code: string): string {
  const lines = code
    .split('\n')
    .map((line) => line.replace(/^(\s*)(\S.*);\s*\/\/ => (.+)$/, '$1assert.deepEqual($2, $3);'))
    .map((line) => line.replace(/\.listen\(\d+\)/, ".listen(0, '127.0.0.1')"))
    .map((line) => line.replace(/\.listen\(\{ port: \d+ \}\)/, ".listen({ port: 0, host: '127.0.0.1' })"))
    .map((line) => line.replace(/\bport: 3000\b/, 'port: 0'));
  return `import assert from 'node:assert/strict';\n${lines.join('\n')}\nvoid assert;\nexport {};\n`;
}
