const NOT_FOUND = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'];

/**
 * Imports something that needs the package `name`, which the application installs.
 * @throws Error that says how to install it, when it is missing
 */
export async function fromPackage<Module>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    if (!isMissing(error, name)) throw error;
    throw new Error(
      `the package ${name} is not installed beside sessions-jwt: run this in the folder of the application, or run npm install ${name} there`,
    );
  }
}

/** Whether an import failed because the package `name` itself is missing. */
export function isMissing(error: unknown, name: string): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return NOT_FOUND.includes(String(error.code)) && error.message.includes(`'${name}'`);
}
