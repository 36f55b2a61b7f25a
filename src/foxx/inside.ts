import { posix, win32 } from 'node:path';

/** Whether a relative path stays inside its folder, on POSIX and on Windows. */
export function staysInside(path: string): boolean {
  if (win32.parse(path).root !== '') return false;
  const normal = posix.normalize(path.replaceAll('\\', '/'));
  return normal !== '..' && !normal.startsWith('../');
}
