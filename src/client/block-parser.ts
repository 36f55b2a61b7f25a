/** A block of an event stream: an event, or only fields such as `retry`. */
export interface Block {
  /** The field `event`; `message` without one. */
  readonly type: string;
  /** The fields `data`, joined by line feeds; empty for a block that is no event. */
  readonly data: string;
  /** The field `id`; `undefined` without one. */
  readonly id: string | undefined;
  /** The field `retry`, in ms; `undefined` without one. */
  readonly retry: number | undefined;
}

/** Splits the text of a `text/event-stream` into blocks (WHATWG HTML section 9.2.6). */
export class BlockParser {
  #rest = '';
  #endsWithReturn = false;
  #type = '';
  #data: string[] = [];
  #id: string | undefined;
  #retry: number | undefined;

  /** Returns the blocks that end in `text`, which continues the text before. */
  parse(text: string): Block[] {
    // A line feed after a carriage return ends the same line.
    const continued = this.#endsWithReturn && text.startsWith('\n') ? text.slice(1) : text;
    if (text !== '') this.#endsWithReturn = text.endsWith('\r');
    const lines = (this.#rest + continued).split(/\r\n|\n|\r/);
    this.#rest = lines.pop() ?? '';
    return lines.flatMap((line) => (line === '' ? this.#end() : this.#add(line)));
  }

  #end(): Block {
    const block = { type: this.#type || 'message', data: this.#data.join('\n'), id: this.#id, retry: this.#retry };
    this.#type = '';
    this.#data = [];
    this.#id = undefined;
    this.#retry = undefined;
    return block;
  }

  #add(line: string): readonly [] {
    const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === 'data') this.#data.push(value);
    else if (field === 'event') this.#type = value;
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    else if (field === 'retry' && /^\d+$/.test(value)) this.#retry = Number(value);
    return [];
  }
}
