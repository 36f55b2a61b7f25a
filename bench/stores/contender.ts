/** One way of keeping sessions, with signed-in ones in it, as the requests of an application use it. */
export interface StoreContender {
  readonly name: string;
  /** What a request costs its store that changes nothing in the session with this number. */
  look(index: number): Promise<void>;
  /** What one costs that changes it. */
  change(index: number): Promise<void>;
  /** How many commands or queries `work` sends; `undefined` where there is no server. */
  readonly count: ((work: () => Promise<void>) => Promise<number>) | undefined;
  close(): Promise<void>;
}
