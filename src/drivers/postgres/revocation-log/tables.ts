import { digestOf } from '../../../lib/digest.js';
import { TableName } from '../table-name.js';

/** The tables of a revocation log, and the channel of its notifications. */
export class RevocationTables {
  readonly name: TableName;
  readonly entries: string;
  /** One row: the name of the log, and its last entry. */
  readonly head: string;
  /** What each process has read. */
  readonly readers: string;
  readonly channel: string;

  constructor(name: string) {
    this.name = new TableName(name);
    this.entries = this.name.quoted;
    this.head = this.name.beside('_head');
    this.readers = this.name.beside('_readers');
    this.channel = `sessions_jwt_${digestOf(name).slice(0, 22)}`;
  }
}
