/** What can be measured on its own, in the order of the results. */
export const PARTS = ['tokens', 'stores', 'http', 'node26', 'live', 'revocations', 'import', 'memory'] as const;

export type PartName = (typeof PARTS)[number];

/** A part of the results, or what they were measured with. */
export type SectionName = 'machine' | PartName;

const TITLES: Readonly<Record<SectionName, string>> = {
  machine: 'Machine and versions',
  tokens: 'Tokens',
  stores: 'Stores',
  http: 'Sessions over HTTP',
  node26: 'Express on Node 26',
  live: 'Live streams',
  revocations: 'Revocations in other processes',
  import: 'Import',
  memory: 'Memory',
};

const INTRODUCTION = `# Benchmark results

Written by \`npm run bench\`, which runs on Node 24. Each section says when it was measured and how, and begins with its goals. Goals that were missed are here too.`;

/** The results with these sections in place of those they had. Other sections stay as they are; what is no section is left out. */
export function withSections(results: string, sections: ReadonlyMap<SectionName, string>): string {
  const old = new Map(
    results
      .split(/^## /m)
      .slice(1)
      .map((text): [string, string] => {
        const [title = ''] = text.split('\n', 1);
        return [title, text.slice(title.length).trim()];
      }),
  );
  const texts = Object.entries(TITLES).flatMap(([name, title]) => {
    const text = sectionOf(sections, name) ?? old.get(title);
    return text === undefined ? [] : [`## ${title}\n\n${text}`];
  });
  return `${[INTRODUCTION, ...texts].join('\n\n')}\n`;
}

function sectionOf(sections: ReadonlyMap<string, string>, name: string): string | undefined {
  return sections.get(name);
}
