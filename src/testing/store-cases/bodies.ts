import assert from 'node:assert/strict';
import type { CaseBench } from './bench.js';
import type { StoreCases } from './case.js';
import { Chance } from './chance.js';
import { inParallel } from './in-parallel.js';

const LAST_CODE_POINT = 0x10_ffff;
const CHUNK = 0x4000;
const DEEPEST = 5;

/** JSON text that a store which reads it would give back otherwise. */
const PECULIAR: readonly string[] = [
  '{}',
  'null',
  '""',
  '0',
  '-0',
  '1.0',
  '1E+2',
  '1e400',
  '12345678901234567890123',
  ' { "b" : 1 , "a" : [ ] }\r\n',
  '{"a":1,"a":2}',
  '{"b":1,"a":2,"1":3,"0":4}',
  '{"__proto__":{"x":1},"constructor":null,"":0}',
  '"\\u0000\\ud800\\u0041\\/"',
  '["it\'s","\\\\","$1","%s",":id","?"]',
];

export const bodyCases: StoreCases = {
  title: 'body',
  cases: [
    {
      title: 'is returned character by character, however the JSON text is written',
      async run(bench) {
        for (const body of PECULIAR) await comesBack(bench, body);
      },
    },
    {
      title: 'may contain every Unicode code point, and lone surrogates as JSON.stringify writes them',
      async run(bench) {
        const starts = Array.from({ length: Math.ceil((LAST_CODE_POINT + 1) / CHUNK) }, (_, index) => index * CHUNK);
        await inParallel(starts, async (start) => {
          const codePoints = Array.from({ length: CHUNK }, (_, index) => start + index);
          await comesBack(bench, JSON.stringify({ all: String.fromCodePoint(...codePoints) }));
        });
        await comesBack(
          bench,
          JSON.stringify({ '\u0000\ud800': ['\udc00', '\u2028\u2029\ufeff\ufffe\uffff', '\u0000'] }),
        );
      },
    },
    {
      title: 'may contain any JSON value',
      async run(bench) {
        const chance = new Chance();
        const bodies = Array.from({ length: 200 }, () => JSON.stringify(anyValue(chance, DEEPEST)));
        await inParallel(bodies, (body) => comesBack(bench, body));
      },
    },
  ],
};

/** Through create, update, load and ofUser. */
async function comesBack(bench: CaseBench, body: string): Promise<void> {
  const uid = bench.uid();
  const record = await bench.stored({ uid, body });
  assert.ok((await bodyOf(bench, record.id)) === body, `created: ${body.slice(0, 50)}`);
  await bench.first.update({ ...record, body: '{"between":true}' });
  await bench.first.update({ ...record, body, version: 1 });
  assert.ok((await bodyOf(bench, record.id)) === body, `updated: ${body.slice(0, 50)}`);
  const [found] = await bench.second.ofUser(uid, bench.now);
  assert.ok(found?.body === body, `of user: ${body.slice(0, 50)}`);
}

async function bodyOf(bench: CaseBench, id: string): Promise<string | undefined> {
  const loaded = await bench.second.load(id, bench.now);
  return loaded !== undefined && 'body' in loaded ? loaded.body : undefined;
}

function anyValue(chance: Chance, depth: number): unknown {
  switch (chance.roll(depth > 0 ? 9 : 6)) {
    case 0:
      return null;
    case 1:
      return chance.roll(2) === 0;
    case 2:
      return chance.roll(1000) - 500;
    case 3:
      return (chance.roll(2 ** 31) - 2 ** 30) * 10 ** (chance.roll(600) - 300);
    case 4:
    case 5:
      return anyText(chance);
    case 6:
      return Array.from({ length: chance.roll(6) }, () => anyValue(chance, depth - 1));
    default:
      return Object.fromEntries(
        Array.from({ length: chance.roll(6) }, () => [anyText(chance), anyValue(chance, depth - 1)]),
      );
  }
}

function anyText(chance: Chance): string {
  const units = Array.from({ length: chance.roll(20) }, () => chance.roll(chance.roll(2) === 0 ? 0x80 : 0x1_0000));
  return String.fromCharCode(...units);
}
