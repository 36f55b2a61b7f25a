import { expect } from 'chai';
import type { RevocationEventName, SessionEventName } from '../../src/index.js';
import { documentAt } from './documents.js';
import { tablesIn } from './markdown.js';

/** It does not compile with a name missing, or with one too many. */
const EVENTS: Record<SessionEventName, true> = {
  accessed: true,
  cleared: true,
  conflict: true,
  created: true,
  ended: true,
  loaded: true,
  'lost-write': true,
  refused: true,
  'refused-late-save': true,
  reused: true,
  rotated: true,
  saved: true,
  suspicious: true,
  'sweep-failed': true,
};

const EVENTS_OF_LISTS: Record<RevocationEventName, true> = { recovered: true, stale: true };

describe('The page of the events', () => {
  it('lists every event once', () => {
    const [table] = tablesIn(documentAt('docs/events.md').text, /^\| (event) \|/);
    const listed = table?.rows.map(([name = '']) => name.replaceAll('`', ''));
    expect(listed?.sort()).to.deep.equal(Object.keys(EVENTS));
  });

  it('lists every event of a RevocationList once', () => {
    const [, table] = tablesIn(documentAt('docs/events.md').text, /^\| (event) \|/);
    const listed = table?.rows.map(([name = '']) => name.replaceAll('`', ''));
    expect(listed?.sort()).to.deep.equal(Object.keys(EVENTS_OF_LISTS));
  });
});
