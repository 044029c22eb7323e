/**
 * Draws the charts of a page. A canvas knows neither variables of CSS nor `light-dark()`, so an element is asked for the
 * colours; a change of the colour scheme draws the charts again.
 */
import uPlot from 'uplot';
import type { ChartData, Line } from '../parts/chart-data.ts';

const HEIGHT = 200;
const FONT = '12px system-ui, sans-serif';
/** The patterns of lines and of their marks in the legend, so that a line is known without its colour. */
const PATTERNS = [
  { dash: [], mark: 'solid' },
  { dash: [6, 3], mark: 'dashed' },
  { dash: [2, 3], mark: 'dotted' },
] as const;
/** The least upper end of an axis. */
const LEAST = { ms: 1, '%': 1, 'per min': 1 };

interface Drawn {
  chart: uPlot;
  text: string;
}
const drawn = new Map<HTMLElement, Drawn>();

/** Draws the charts of the page that have new numbers. */
export function drawCharts(): void {
  for (const [element, { chart }] of drawn) {
    if (element.isConnected) continue;
    sizes.unobserve(element);
    chart.destroy();
    drawn.delete(element);
  }
  for (const element of document.querySelectorAll<HTMLElement>('[data-chart]')) {
    const text = element.dataset['chart'] ?? '';
    const known = drawn.get(element);
    if (known?.text === text) continue;
    const data = JSON.parse(text) as ChartData;
    if (known) {
      known.text = text;
      known.chart.setData(columnsOf(data));
    } else {
      draw(element, text);
      sizes.observe(element);
    }
  }
}

const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const chart = drawn.get(target as HTMLElement)?.chart;
    const width = target.clientWidth;
    if (chart && width > 0 && width !== chart.width) chart.setSize({ width, height: HEIGHT });
  }
});

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  for (const [element, { chart, text }] of drawn) {
    chart.destroy();
    draw(element, text);
  }
});

function draw(element: HTMLElement, text: string): void {
  const data = JSON.parse(text) as ChartData;
  const probe = document.createElement('i');
  element.append(probe);
  const colour = (value: string) => {
    probe.style.color = value;
    return getComputedStyle(probe).color;
  };
  const width = element.clientWidth;
  const options = optionsOf(data, width, colour);
  probe.remove();
  drawn.set(element, { chart: new uPlot(options, columnsOf(data), element), text });
}

function columnsOf({ times, lines }: ChartData): uPlot.AlignedData {
  return [[...times], ...lines.map(({ values }) => [...values])];
}

function optionsOf({ lines }: ChartData, width: number, colour: (value: string) => string): uPlot.Options {
  const units = [...new Set(lines.map(({ unit }) => unit))];
  const axis = { font: FONT, stroke: colour('var(--soft)'), ticks: { stroke: colour('var(--line)'), width: 1 } };
  const grid = { stroke: colour('var(--line)'), width: 1 };
  return {
    width,
    height: HEIGHT,
    scales: {
      // Half a minute on both sides, so that the outer bars are whole.
      x: { range: (_chart, first, last) => [first - 30, last + 30] },
      ...Object.fromEntries(
        units.map((unit) => [unit, { range: (_chart, _least, most) => [0, Math.max(LEAST[unit], 1.1 * (most ?? 0))] }]),
      ),
    },
    series: [{ value: (_chart, seconds) => (seconds === null ? '–' : clock(seconds)) }, ...lines.map(seriesOf)],
    axes: [
      { ...axis, grid, values: (_chart, marks) => marks.map(clock) },
      ...units.map((unit, at) => ({
        ...axis,
        scale: unit,
        side: at === 0 ? (3 as const) : (1 as const),
        size: 64,
        grid: at === 0 ? grid : { show: false },
        values: (_chart: uPlot, marks: number[]) => marks.map((mark) => withUnit(mark, unit)),
      })),
    ],
    legend: { markers: { dash: (_chart, at) => patternOf(at - 1).mark } },
  };

  /** The pattern of a line by its place among the lines that are no bars. */
  function patternOf(at: number): (typeof PATTERNS)[number] {
    const before = lines.slice(0, Math.max(0, at)).filter(({ as }) => as !== 'bars').length;
    return PATTERNS[before] ?? PATTERNS[0];
  }

  function seriesOf(line: Line, at: number): uPlot.Series {
    const { name, unit, as } = line;
    const stroke = colour(`var(${line.colour})`);
    const value = (_chart: uPlot, raw: number | null) => (raw === null ? '–' : withUnit(raw, unit));
    const common = { label: name, scale: unit, stroke, value };
    if (as === 'bars' && uPlot.paths.bars) {
      const paths = uPlot.paths.bars({ size: [0.7, 40] });
      return {
        ...common,
        fill: colour(`color-mix(in srgb, var(${line.colour}) 30%, transparent)`),
        width: 1,
        paths,
        points: { show: false },
      };
    }
    return { ...common, width: 2, dash: [...patternOf(at).dash], points: { show: true, size: 4, fill: stroke } };
  }
}

function withUnit(value: number, unit: Line['unit']): string {
  const [shown, sign] = unit === 'ms' && value >= 1_000 ? [value / 1_000, 's'] : [value, unit];
  const text = shown.toLocaleString('en', { maximumSignificantDigits: 3 });
  return sign === 'per min' ? text : `${text} ${sign}`;
}

/** Returns the time of day in UTC, as the tables have it. */
function clock(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().slice(11, 16);
}
