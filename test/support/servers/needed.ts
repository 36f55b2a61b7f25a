/** Servers that some tests need, each started at first use. They serve all files of a process. */
const stops: (() => Promise<void>)[] = [];

/** A server that starts once, when it is first asked for; `start` gives it with the way to stop it. */
export function needed<Server>(
  start: () => Promise<{ readonly server: Server; readonly stop: () => Promise<void> } | string>,
): (context: Mocha.Context) => Promise<Server> {
  let starting: ReturnType<typeof start> | undefined;
  return async (context) => {
    starting ??= start().then((started) => {
      if (typeof started !== 'string') stops.push(started.stop);
      else console.error(`\n*** NOT TESTED: ${started} ***\n`);
      return started;
    });
    const started = await starting;
    if (typeof started !== 'string') return started.server;
    // A machine that tests for others must have it; elsewhere the run goes on, and says what it left out.
    if (process.env['CI'] === 'true') throw new Error(started);
    return context.skip();
  };
}

/** After all tests. A process that exits without this ends its servers nevertheless, but does not wait until they are gone. */
export async function stopServers(): Promise<void> {
  await Promise.all(stops.splice(0).map((stop) => stop()));
}
