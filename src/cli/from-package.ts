const NOT_FOUND = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'];

/**
 * What `load` imports, which needs the package `name`: one that this package leaves to the application to install.
 * @throws Error that says so, when it is not there
 */
export async function fromPackage<Module>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    if (!isMissing(error, name)) throw error;
    throw new Error(
      `the package ${name} is not installed beside sessions-jwt: run this in the folder of the application that has both, or npm install ${name} there`,
    );
  }
}

/** Whether an import failed because the package `name` itself is not there. */
export function isMissing(error: unknown, name: string): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return NOT_FOUND.includes(String(error.code)) && error.message.includes(`'${name}'`);
}
