import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Guarantee, Lifetime } from '../../../src/index.js';
import { compiled } from '../compiled.js';
import { endWithUs } from '../servers/guard.js';
import type { Holdable } from './gated-log.js';
import type { Answer, Asked, ProgramSettings, RevocationCommand, Revoked } from './program.js';
import { RemoteSession } from './remote-session.js';
import type { Act } from './sessions-under-way.js';

const PROGRAM = fileURLToPath(new URL('program.ts', import.meta.url));

/** A request on its way. */
export interface Question {
  /** Resolves when the system has the request, so that the process finds it in its socket. */
  readonly sent: Promise<unknown>;
  readonly answer: Promise<Answer>;
}

/** A process that shares a revocation log with others. */
export class Instance {
  readonly #port: number;
  readonly #child: ChildProcess;
  readonly #answers = new EventEmitter();
  readonly #agent = new Agent({ keepAlive: true });
  #asked = 0;
  #opened = 0;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.#port = port;
    // Many commands may be on their way.
    this.#answers.setMaxListeners(0);
    child.on('message', (answer) => this.#answers.emit(String(Reflect.get(Object(answer), 'id')), answer));
  }

  /** Resolves when it listens. It may not have read the log by then; see `ready`. */
  static async start(settings: ProgramSettings): Promise<Instance> {
    const child = fork(compiled(PROGRAM), [JSON.stringify(settings)], {
      execArgv: ['--no-warnings'],
      env: { ...process.env, NODE_ENV: 'test' },
    });
    endWithUs(child);
    const [address] = await Promise.race([once(child, 'message'), ended(child)]);
    return new Instance(child, Number(Reflect.get(Object(address), 'port')));
  }

  /** Resolves when it has read the whole log. */
  async ready(): Promise<this> {
    await this.#do({ kind: 'ready' });
    return this;
  }

  async signIn(uid: string): Promise<string> {
    return String(await this.#do({ kind: 'sign-in', uid }));
  }

  /** Resolves when `revoke` has settled. */
  async revoke(sid: string, wait?: Guarantee): Promise<Revoked> {
    const { own, failure } = Object(await this.#do({ kind: 'revoke', sid, ...(wait === undefined ? {} : { wait }) }));
    return { own, failure };
  }

  /** Ends all sessions of a user. Resolves with the guarantee when `revoke` has resolved. */
  async revokeUser(uid: string): Promise<string> {
    return String(await this.#do({ kind: 'revoke-user', uid }));
  }

  /** A sign-in begins in this process. */
  async begin(uid: string, life?: Lifetime): Promise<RemoteSession> {
    return await this.#underWay((name) => ({ kind: 'begin', name, uid, life }));
  }

  /** A request opens a session in this process, and does this to it. */
  async open(sid: string, act?: Act): Promise<RemoteSession> {
    return await this.#underWay((name) => ({ kind: 'open', name, sid, act }));
  }

  /** What opening these sids gives in this process: 'opened', the reason of its SessionNotFound, or 'stale'. */
  async openings(...sids: readonly string[]): Promise<string[]> {
    return (await Promise.all(sids.map((sid) => this.#do({ kind: 'opening', sid })))).map(String);
  }

  /** Resolves when this process knows that the session was ended. */
  async learn(sid: string): Promise<void> {
    await this.#do({ kind: 'learn', sid });
  }

  /** From now on, this process reads nothing from the log, or appends nothing, until `release`. */
  async hold(what: Holdable): Promise<void> {
    await this.#do({ kind: 'hold', what });
  }

  async release(what: Holdable): Promise<void> {
    await this.#do({ kind: 'release', what });
  }

  /** Its clock stands still at that ms timestamp; with `null`, it is the machine's. */
  async setClock(time: number | null): Promise<void> {
    await this.#do({ kind: 'set-clock', time });
  }

  /** Resolves with the signal that ended the process. */
  async revokeAndDie(sid: string): Promise<unknown> {
    const gone = once(this.#child, 'exit');
    this.#do({ kind: 'revoke-and-die', sid }).catch(() => undefined);
    return (await gone)[1];
  }

  ask(sid: string): Question {
    const outgoing = this.#request('/page', sid);
    const sent = once(outgoing, 'finish');
    const answer = once(outgoing, 'response').then(([response]) => answerIn(response));
    ignoreEarly(sent, answer);
    return { sent, answer };
  }

  /** Asks until the answer is none of these. Resolves with it. */
  async askWhile(sid: string, ...answers: readonly Answer[]): Promise<Answer> {
    for (;;) {
      const answer = await this.ask(sid).answer;
      if (!answers.includes(answer)) return answer;
    }
  }

  /** Opens a stream. Resolves after its first event; `rest` is what follows until its end. */
  async stream(sid: string): Promise<{ readonly rest: Promise<string> }> {
    const outgoing = this.#request('/live', sid);
    const [response]: IncomingMessage[] = await once(outgoing, 'response');
    if (response?.statusCode !== 200) throw new Error(`no stream: ${response?.statusCode}`);
    await once(response, 'readable');
    const rest = text(response);
    ignoreEarly(rest);
    return { rest };
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async kill(): Promise<void> {
    this.#agent.destroy();
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  #request(path: string, sid: string) {
    const outgoing = request({
      host: '127.0.0.1',
      port: this.#port,
      path,
      agent: this.#agent,
      headers: { cookie: `sid=${sid}` },
    });
    outgoing.end();
    return outgoing;
  }

  async #underWay(commandFor: (name: string) => RevocationCommand): Promise<RemoteSession> {
    this.#opened += 1;
    const name = String(this.#opened);
    await this.#do(commandFor(name));
    return new RemoteSession(name, (command) => this.#do(command));
  }

  async #do(command: RevocationCommand): Promise<unknown> {
    this.#asked += 1;
    const asked: Asked = { id: this.#asked, command };
    const answered = once(this.#answers, String(asked.id));
    this.#child.send(asked);
    const { value, failure } = Object((await answered)[0]);
    if (failure !== undefined) throw new Error(failure);
    return value;
  }
}

/** The process may be killed before anyone awaits these. */
function ignoreEarly(...promises: readonly Promise<unknown>[]): void {
  for (const promise of promises) promise.catch(() => undefined);
}

async function answerIn(response: IncomingMessage): Promise<Answer> {
  const body = await text(response);
  const { uid, code } = JSON.parse(body);
  if (response.statusCode === 200) return uid === null ? 'ended' : 'live';
  if (response.statusCode === 503 && code === 'ERR_SESSION_REVOCATIONS_STALE') return 'stale';
  throw new Error(`${response.statusCode} ${body}`);
}

async function ended(child: ChildProcess): Promise<never> {
  const [code] = await once(child, 'exit');
  throw new Error(`the process ended with ${code} before it listened`);
}
