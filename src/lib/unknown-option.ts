/** From a name that is often mistaken for an option to what to do instead: a clause that begins in lower case. */
export type Cures = Readonly<Record<string, string>>;

/** What is wrong with an option, and how to put it right: by its cure, else by the names of the options that there are. */
export function unknownOption(
  spelt: string,
  name: string,
  known: readonly string[] | undefined,
  cures: Cures = {},
): string {
  const cure = Object.hasOwn(cures, name) ? cures[name] : undefined;
  const advice = cure ?? (known && `the options are ${known.join(', ')}`);
  return `unknown option ${spelt}${advice === undefined ? '' : `: ${advice}`}`;
}
