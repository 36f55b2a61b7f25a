import { expect } from 'chai';
import { followLog, type LogPage, type LogSource } from '../../../src/drivers/shared/follow-log.js';
import { NewestEntry } from '../../../src/drivers/shared/newest-entry.js';
import { textOfRevocation } from '../../../src/drivers/shared/revocation-text.js';
import { aRevocation } from '../../support/log-ear.js';
import { errorOf } from '../../support/outcomes.js';
import { guardRejections } from '../../support/rejections.js';

function aPage(from: number, to: number, newest: number, isFull = false): LogPage {
  const lines = Array.from({ length: to - from + 1 }, (_, at) => `${from + at}.0 ${textOfRevocation(aRevocation())}`);
  return { log: 'log', newest: `${newest}.0`, lines, isFull };
}

/** Gives these pages, one after the other, and notes what was asked for. */
class Pages implements LogSource {
  readonly asked: string[] = [];
  readonly #pages: (LogPage | Error)[];

  constructor(...pages: (LogPage | Error)[]) {
    this.#pages = pages;
  }

  async page(...[after, expected]: Parameters<LogSource['page']>): Promise<LogPage> {
    this.asked.push(`${after?.entry}: ${expected.join(' ')}`);
    const page = this.#pages.shift();
    if (page instanceof Error) throw page;
    return page ?? new Promise(() => {});
  }

  async changed(): Promise<void> {}
}

const never = new AbortController().signal;

describe('Following a log', () => {
  guardRejections();

  it('asks for the next page while the reader works on one, until there are no more', async () => {
    const source = new Pages(
      aPage(1, 2, 5, true),
      aPage(3, 4, 6, true),
      aPage(5, 6, 6),
      aPage(7, 7, 7),
      aPage(8, 7, 7),
    );
    const reading = followLog(source, null, new NewestEntry(), never);
    const sizes: number[] = [];
    const asked: number[] = [];
    for (let count = 0; count < 6; count += 1) {
      const { value = [] } = await reading.next();
      sizes.push(value.length);
      asked.push(source.asked.length);
    }
    expect(sizes).to.deep.equal([2, 2, 2, 0, 1, 0]);
    expect(asked).to.deep.equal([2, 3, 3, 3, 4, 5]);
    // From the second page on, the log must still have the newest entry of the page before.
    expect(source.asked).to.deep.equal(['undefined: ', '2.0: 5.0', '4.0: 6.0', '6.0: 6.0', '7.0: 7.0']);
  });

  it('lets the request for the next page leave before the reader works on a page', async () => {
    const happened: string[] = [];
    // As a client does that sends what comes in one turn together.
    class Client extends Pages {
      override page(...asked: Parameters<LogSource['page']>): Promise<LogPage> {
        setImmediate(() => happened.push('sent'));
        return super.page(...asked);
      }
    }
    const reading = followLog(new Client(aPage(1, 2, 4, true), aPage(3, 4, 4)), null, new NewestEntry(), never);
    await reading.next();
    happened.push('given');
    expect(happened).to.deep.equal(['sent', 'sent', 'given']);
  });

  it('throws for an entry that it cannot read, and gives those of earlier pages', async () => {
    const odd: LogPage = { log: 'log', newest: '3.0', lines: ['3.0 {"device":"secret"}'], isFull: false };
    const reading = followLog(new Pages(aPage(1, 2, 3, true), odd), null, new NewestEntry(), never);
    expect((await reading.next()).value?.map(({ seq }) => seq)).to.deep.equal(['log:1.0', 'log:2.0']);
    const { message } = await errorOf(() => reading.next(), Error);
    expect(message).to.include('an entry at log:3.0').and.not.include('secret');
  });

  it('leaves no unhandled rejection when the reader stops before a page that fails', async () => {
    const source = new Pages(aPage(1, 2, 5, true), new Error('broken'));
    for await (const _ of followLog(source, null, new NewestEntry(), never)) break;
    expect(source.asked).to.have.lengthOf(2);
  });

  it('throws what the source throws, after what was read before', async () => {
    const reading = followLog(new Pages(aPage(1, 2, 5, true), new Error('broken')), null, new NewestEntry(), never);
    expect((await reading.next()).value).to.have.lengthOf(2);
    expect(await errorOf(() => reading.next())).to.match(/broken/);
  });

  it('ends at once when it is aborted, although the source does not answer', async () => {
    const stopping = new AbortController();
    const reading = followLog(new Pages(), null, new NewestEntry(), stopping.signal);
    const next = reading.next();
    stopping.abort();
    expect(await errorOf(() => next)).to.equal(stopping.signal.reason);
  });
});
