import { digestOf } from '../../../lib/digest.js';
import { TableName } from '../table-name.js';

/** The tables of a bus, and the channel of its notifications. */
export class BusTables {
  readonly name: TableName;
  readonly messages: string;
  /** One row: the epoch, and the number of the last message. */
  readonly state: string;
  readonly topics: string;
  readonly values: string;
  readonly tabs: string;
  readonly channel: string;

  constructor(name: string) {
    this.name = new TableName(name);
    this.messages = this.name.quoted;
    this.state = this.name.beside('_state');
    this.topics = this.name.beside('_topics');
    this.values = this.name.beside('_values');
    this.tabs = this.name.beside('_tabs');
    this.channel = `sessions_jwt_${digestOf(name).slice(0, 22)}`;
  }
}
