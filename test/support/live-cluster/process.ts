import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { compiled } from '../compiled.js';
import { endWithUs } from '../servers/guard.js';
import type { Asked, ClusterCommand, ProgramSettings } from './program.js';

const PROGRAM = fileURLToPath(new URL('program.ts', import.meta.url));

/** A process with live sessions, one of several. */
export class ClusterProcess {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #answers = new EventEmitter();
  #asked = 0;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
    child.on('message', (answer) => this.#answers.emit(String(Reflect.get(Object(answer), 'id')), answer));
  }

  static async start(settings: ProgramSettings): Promise<ClusterProcess> {
    const child = fork(compiled(PROGRAM), [JSON.stringify(settings)], {
      execArgv: [],
      env: { ...process.env, NODE_ENV: 'test' },
    });
    endWithUs(child);
    const [address] = await Promise.race([once(child, 'message'), ended(child)]);
    return new ClusterProcess(child, Number(Reflect.get(Object(address), 'port')));
  }

  /** @throws Error with the code of the error that a site met */
  async do(site: string, command: ClusterCommand): Promise<unknown> {
    this.#asked += 1;
    const asked: Asked = { id: this.#asked, site, command };
    const answered = once(this.#answers, String(asked.id));
    this.#child.send(asked);
    const { value, failure } = Object((await answered)[0]);
    if (failure !== undefined) throw new Error(failure);
    return value;
  }

  async signIn(site: string, uid: string): Promise<string> {
    return String(await this.do(site, { kind: 'sign-in', uid }));
  }

  /** A request that is activity of a tab. Resolves with its status. */
  async visit(site: string, sid: string, instance: string): Promise<number> {
    const headers = { cookie: `sid=${sid}`, 'x-session-instance': instance };
    const { status } = await fetch(`http://127.0.0.1:${this.port}/${site}/page`, { headers });
    return status;
  }

  /** The instances of the open tabs of a session, in any process. */
  async openTabs(site: string, sid: string): Promise<unknown[]> {
    const tabs: readonly unknown[] = Object(await this.do(site, { kind: 'tabs', sid }));
    return tabs.filter((tab) => Reflect.get(Object(tab), 'isOpen')).map((tab) => Reflect.get(Object(tab), 'instance'));
  }

  /** As a crash: at once, without a word to anybody. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}

async function ended(child: ChildProcess): Promise<never> {
  const [code] = await once(child, 'exit');
  throw new Error(`the process ended with ${code} before it listened`);
}
