/** How far the clock of the server is ahead of this page's, in ms. The clock of this device may be wrong. */
let ahead = 0;

/** Learns the time of the server: ms timestamp. */
export function setServerTime(now) {
  ahead = now - performance.now();
}

/** The time of the server: ms timestamp. */
export const serverTime = () => performance.now() + ahead;

/** Such as '12 min ago'. */
export function ago(time) {
  const seconds = Math.max(0, Math.round((serverTime() - time) / 1_000));
  if (seconds < 5) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  return `${Math.floor(seconds / 3_600)} h ago`;
}

/** Such as '29:59', or '1:02:03'. */
export function countdown(ms) {
  const seconds = Math.ceil(Math.max(0, ms) / 1_000);
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] > 0 ? parts : parts.slice(1);
  return shown.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}

/** Such as '23:41', or with the date if that is not today. */
export function clockTime(time) {
  const date = new Date(time);
  const isToday = date.toDateString() === new Date().toDateString();
  return date.toLocaleString(undefined, isToday ? { timeStyle: 'short' } : { dateStyle: 'short', timeStyle: 'short' });
}
