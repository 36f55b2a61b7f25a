import { createRequire } from 'node:module';
import type jwt from 'jsonwebtoken';

let dependency: Pick<typeof jwt, 'sign'> | undefined;

/** What Node gets as `#jsonwebtoken`: the dependency, loaded at the first signature, because it takes as long as a third of this package. */
const lazily: Pick<typeof jwt, 'sign'> = {
  get sign() {
    dependency ??= load();
    return dependency.sign;
  },
};

export default lazily;

function load(): typeof jwt {
  return createRequire(import.meta.url)('jsonwebtoken');
}
