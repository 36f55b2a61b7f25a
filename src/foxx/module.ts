import { pathToFileURL } from 'node:url';
import type { ApplicationContext } from './application-context.js';
import { isNeedsConfiguration, ModuleFailed } from './errors.js';

type Factory = (context: ApplicationContext, ...args: readonly unknown[]) => unknown;

/** The default export of a module of the service. */
export async function importFactory(context: ApplicationContext, path: string): Promise<Factory> {
  const file = context.fileName(path);
  const { default: factory } = await importFile(file);
  if (typeof factory !== 'function') {
    throw new TypeError(
      `${file}: a module of a service must have a function as its default export: export default (applicationContext) => exports`,
    );
  }
  return (...args) => Reflect.apply(factory, undefined, args);
}

/** Calls a module of the service. @throws NeedsConfiguration as the module threw it @throws ModuleFailed for any other error */
export async function runModule(context: ApplicationContext, path: string): Promise<unknown> {
  const factory = await importFactory(context, path);
  try {
    return await factory(context);
  } catch (error) {
    if (isNeedsConfiguration(error)) throw error;
    throw new ModuleFailed(context.fileName(path), 'failed while the service was loading', error);
  }
}

async function importFile(file: string): Promise<{ readonly default?: unknown }> {
  try {
    return await import(pathToFileURL(file).href);
  } catch (error) {
    throw new ModuleFailed(file, 'cannot be imported', error);
  }
}
