import { expect } from 'chai';

/** Fails a test after which a rejection was handled by nobody. Called last in a suite, so that its own hooks ran before. */
export function guardRejections(): void {
  const unhandled: unknown[] = [];
  const note = (error: unknown): unknown => unhandled.push(error);

  beforeEach(() => {
    process.on('unhandledRejection', note);
  });

  afterEach(async () => {
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    expect(unhandled.splice(0), 'unhandled rejections').to.deep.equal([]);
  });
}
