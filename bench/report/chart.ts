/** Draws the chart as SVG without a browser: four panels of bars, in which a shorter bar is better. */
import * as echarts from 'echarts';
import type { Row, Section } from '../bench.ts';
import type { Contestant } from '../contestant.ts';

interface Panel {
  row: string;
  title: string;
  format: (value: number) => string;
}

const panels: readonly Panel[] = [
  { row: 'hit-10', title: 'A hit with 10 tags: commands', format: String },
  { row: 'stampede-10', title: 'A cold key, 10 instances × 5 callers: loader calls', format: String },
  { row: 'hits-cpu', title: 'CPU of a hit, raw GET = 1', format: (value) => value.toFixed(2) },
  { row: 'batch-misses', title: 'A batch of 100 misses: commands', format: String },
];

const WIDTH = 1000;
const HEIGHT = 760;
const OURS = '#0f766e';
const OTHERS = '#94a3b8';

/** Draws the panels whose rows were measured, and returns the SVG. */
export function drawChart(sections: readonly Section[], contestants: readonly Contestant[]): string {
  const rows = sections.flatMap((section) => section.rows);
  const shown = panels.flatMap((panel) => {
    const row = rows.find(({ id }) => id === panel.row);
    return row ? [{ panel, bars: barsOf(row, contestants) }] : [];
  });
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT });
  const place = (index: number) => ({
    left: index % 2 === 0 ? 150 : 650,
    top: index < 2 ? 60 : 430,
    width: 300,
    height: 290,
  });
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: 'system-ui, sans-serif', color: '#0f172a' },
    title: shown.map(({ panel }, index) => ({
      text: panel.title,
      left: place(index).left - 130,
      top: place(index).top - 40,
      textStyle: { fontSize: 15, fontWeight: 600, color: '#0f172a' },
    })),
    grid: shown.map((_, index) => place(index)),
    xAxis: shown.map((_, index) => ({ type: 'value', gridIndex: index, show: false })),
    yAxis: shown.map(({ bars }, index) => ({
      type: 'category',
      gridIndex: index,
      inverse: true,
      data: bars.map(({ label }) => label),
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { color: '#0f172a', fontSize: 12 },
    })),
    series: shown.map(({ panel, bars }, index) => ({
      type: 'bar',
      xAxisIndex: index,
      yAxisIndex: index,
      barMaxWidth: 18,
      data: bars.map(({ value, ours }) => ({
        value,
        itemStyle: { color: ours ? OURS : OTHERS },
        label: { show: true, position: 'right', color: '#0f172a', formatter: panel.format(value) },
      })),
    })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

function barsOf(row: Row, contestants: readonly Contestant[]) {
  return contestants.flatMap(({ id, label }) => {
    const cell = row.cells[id];
    const value = cell?.bar ?? cell?.value;
    return value === undefined ? [] : [{ label, value, ours: id.startsWith('holdfast') }];
  });
}
