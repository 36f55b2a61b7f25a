const POSITION = /^([A-Za-z0-9_-]{1,40})\.(\d{1,16})$/;

/** What a position of the buses here consists of. */
export interface PositionParts {
  /** Names the backend's data: positions of other data are unknown. */
  readonly epoch: string;
  /** Increases with every message: a count, or µs by the clock of the backend. */
  readonly number: number;
}

export function positionOf(epoch: string, number: number | string): string {
  return `${epoch}.${number}`;
}

/** Undefined for a malformed position. */
export function partsOf(position: string): PositionParts | undefined {
  const [, epoch, number] = POSITION.exec(position) ?? [];
  return epoch === undefined || !Number.isSafeInteger(Number(number)) ? undefined : { epoch, number: Number(number) };
}
