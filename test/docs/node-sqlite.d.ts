// The types of Node 20, with which everything here is compiled, do not have `node:sqlite`, which the documents import.

declare module 'node:sqlite' {
  export class DatabaseSync {
    constructor(path: string);
    exec(sql: string): void;
    prepare(sql: string): {
      run(...parameters: readonly (string | number | null)[]): object;
      get(...parameters: readonly (string | number | null)[]): unknown;
      all(...parameters: readonly (string | number | null)[]): unknown[];
    };
    close(): void;
  }
}
