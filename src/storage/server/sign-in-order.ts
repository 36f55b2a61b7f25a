let last = 0;

/** A number greater than all before: µs by the machine's clock, and never the same twice in one process. */
export function nextOrder(): number {
  last = Math.max(last + 1, Math.floor((performance.timeOrigin + performance.now()) * 1000));
  return last;
}
