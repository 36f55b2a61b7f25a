import { posix, win32 } from 'node:path';

/** Whether a relative path, as either kind of platform reads it, names something within the folder it starts from. */
export function staysInside(path: string): boolean {
  if (win32.parse(path).root !== '') return false;
  const normal = posix.normalize(path.replaceAll('\\', '/'));
  return normal !== '..' && !normal.startsWith('../');
}
