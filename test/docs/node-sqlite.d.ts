// The types of Node 20, with which everything here is compiled, do not have `node:sqlite`, which the documents import.

declare module 'node:sqlite' {
  type Value = string | number | null | Uint8Array;

  export class DatabaseSync {
    constructor(path: string);
    exec(sql: string): void;
    prepare(sql: string): {
      run(...values: readonly Value[]): { changes: number | bigint; lastInsertRowid: number | bigint };
      all(...values: readonly Value[]): unknown[];
    };
    close(): void;
  }
}
