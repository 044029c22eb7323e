/** The dashboard for Grafana has the form of Grafana's dashboard model, as far as the schema beside this file has it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';

const read = (path: string): unknown => JSON.parse(readFileSync(join(import.meta.dirname, path), 'utf8'));
const validate = new Ajv({ allErrors: true, strictTypes: false }).compile(
  read('grafana-dashboard.schema.json') as object,
);

interface Panel {
  type: string;
  gridPos: Record<string, unknown>;
  options: Record<string, unknown>;
  targets: Record<string, unknown>[];
}
interface Dashboard extends Record<string, unknown> {
  panels: [Panel, ...Panel[]];
}
const dashboard = () => read('../../../docs/grafana-dashboard.json') as Dashboard;

/** The places of the mistakes, without those of the branch of a condition. */
function mistakesIn(text: unknown): string[] {
  validate(text);
  const found = (validate.errors ?? []).filter(({ keyword }) => keyword !== 'if');
  return [...new Set(found.map(({ instancePath, keyword }) => `${instancePath} ${keyword}`))];
}

test('the dashboard fits the schema', () => {
  expect(mistakesIn(dashboard())).toEqual([]);
});

/** Mistakes in the first panel, a `stat`, each with its place. */
const WRONG: readonly [string, (panel: Panel, whole: Dashboard) => void, string][] = [
  [
    'a misspelt type',
    (panel) => {
      panel.type = 'timeserie';
    },
    '/panels/0/type enum',
  ],
  [
    'a type whose options differ',
    (panel) => {
      panel.type = 'timeseries';
    },
    '/panels/0/options required',
  ],
  [
    'a place beside the grid',
    (panel) => {
      panel.gridPos['x'] = 24;
    },
    '/panels/0/gridPos/x maximum',
  ],
  [
    'no expression',
    (panel) => {
      delete panel.targets[0]?.['expr'];
    },
    '/panels/0/targets/0 required',
  ],
  [
    'no targets',
    (panel) => {
      panel.targets = [];
    },
    '/panels/0/targets minItems',
  ],
  [
    'an unknown option',
    (panel) => {
      panel.options['colour'] = 'red';
    },
    '/panels/0/options additionalProperties',
  ],
  [
    'a fixed data source',
    (panel) => {
      panel.targets[0] = { ...panel.targets[0], datasource: { type: 'prometheus', uid: 'a1' } };
    },
    '/panels/0/targets/0/datasource/uid const',
  ],
  [
    'an unknown field of the dashboard',
    (_panel, whole) => {
      whole['panel'] = [];
    },
    ' additionalProperties',
  ],
];

test.each(WRONG)('%s is found', (_what, spoil, place) => {
  const whole = dashboard();
  spoil(whole.panels[0], whole);
  expect(mistakesIn(whole)).toContain(place);
});
