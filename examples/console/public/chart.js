import { at, setText } from './dom.js';
import { serverTime } from './time.js';

const BARS = 20;
const [WIDTH, HEIGHT] = [200, 56];
const SVG = 'http://www.w3.org/2000/svg';

/** The last answer of the service: bars of `step` ms, as [start, count]. */
let activity = { step: 30_000, bars: [] };

const columns = Array.from({ length: BARS }, (_, index) => {
  const column = document.createElementNS(SVG, 'rect');
  const width = WIDTH / BARS;
  column.setAttribute('x', String(index * width + 1));
  column.setAttribute('width', String(width - 2));
  return column;
});

export function setActivity(next) {
  activity = next;
  drawChart();
}

/** Draws the bars, which move to the left as time goes on. */
export function drawChart() {
  if (columns[0].parentNode === null) at('chart').append(...columns);
  const { step, bars } = activity;
  const last = Math.floor(serverTime() / step);
  const counts = new Map(bars.map(([start, count]) => [BARS - 1 - (last - Math.floor(start / step)), count]));
  const most = Math.max(4, ...counts.values());
  columns.forEach((column, index) => {
    const count = counts.get(index) ?? 0;
    const height = count === 0 ? 2 : 4 + ((HEIGHT - 4) * count) / most;
    column.setAttribute('height', String(height));
    column.setAttribute('y', String(HEIGHT - height));
    column.classList.toggle('empty', count === 0);
  });
  const total = [...counts].reduce((sum, [index, count]) => sum + (index >= 0 ? count : 0), 0);
  setText(at('activity-text'), `${total} ${total === 1 ? 'request' : 'requests'} in the last 10 minutes.`);
}
