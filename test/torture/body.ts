/** The bodies of sessions follow from a short text, so that the journal need not have them. */
const PAD = 'x';

/** `length`: about how long the body is. Each `count` gives another body. */
export function bodyOf(count: number, length: number): string {
  return `{"count":${count},"length":${length},"pad":"${PAD.repeat(length)}"}`;
}

/** A body of {@link bodyOf} without what it repeats; any other as it is. */
export function shortened(body: string): string {
  const found = /^\{"count":(\d+),"length":(\d+),"pad":"x*"\}$/.exec(body);
  if (found === null) return body;
  const [, count, length] = found;
  const isWhole = body === bodyOf(Number(count), Number(length));
  return isWhole ? `${count}*${length}` : body;
}

/** The body that {@link shortened} made this of. */
export function lengthened(text: string): string {
  const found = /^(\d+)\*(\d+)$/.exec(text);
  return found === null ? text : bodyOf(Number(found[1]), Number(found[2]));
}
