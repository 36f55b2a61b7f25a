/** A link of a document, as it is written there. */
export interface Link {
  readonly line: number;
  readonly target: string;
}

/** The links `[text](target)` of a Markdown text, images included; code is left out. */
export function linksIn(markdown: string): Link[] {
  return withoutCode(markdown)
    .split('\n')
    .flatMap((text, index) =>
      Array.from(text.matchAll(/\]\(([^)\s]+)\)/g), ([, target = '']) => ({ line: index + 1, target })),
    );
}

/** The anchors of a Markdown text: those that GitHub makes of its headings, and explicit ids. */
export function anchorsIn(markdown: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of withoutFences(markdown).matchAll(/^#{1,6} +(.+)$/gm)) {
    const slug = slugOf(heading);
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  for (const [, id = ''] of markdown.matchAll(/<a (?:id|name)="([^"]+)">/g)) anchors.add(id);
  return anchors;
}

/** The rows below a table's header, cell by cell, for each table whose header matches. */
export function tablesIn(markdown: string, header: RegExp): { readonly title: string; readonly rows: string[][] }[] {
  const lines = withoutFences(markdown).split('\n');
  return lines.flatMap((line, index) => {
    const title = header.exec(line)?.[1];
    if (title === undefined) return [];
    const body = lines.slice(index + 2);
    const end = body.findIndex((one) => !one.startsWith('|'));
    return [{ title, rows: body.slice(0, end === -1 ? body.length : end).map(cellsOf) }];
  });
}

function cellsOf(row: string): string[] {
  return row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

function slugOf(heading: string): string {
  return heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
    .replaceAll(' ', '-');
}

/** Lines stay, so that what is found has the line number that it has in the document. */
function withoutFences(markdown: string): string {
  return markdown.replace(/^(`{3,})[^\n]*\n[\s\S]*?^\1$/gm, (fence) => fence.replace(/[^\n]/g, ''));
}

function withoutCode(markdown: string): string {
  return withoutFences(markdown).replace(/`[^`\n]*`/g, '');
}
