/** The guides and the runbooks name only metrics, alerts, commands, routes, settings and events that the code has. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commands } from '../../../cli/commands.ts';
import { routes } from '../../../clients/typescript/src/routes.ts';
import { alerts, jobs, schedules } from '../../../src/app/background.ts';
import { ACTIONS, QUESTIONS, SCREENS } from '../../../src/console/addresses.ts';
import { METRICS, type MetricName } from '../../../src/platform/counters/index.ts';
import { prometheusName } from '../../../src/platform/observe/prometheus.ts';
import { namesIn, pagesOf, ROOT } from './guide-pages.ts';

const FOLDERS = ['docs/guides', 'docs/runbooks'];
const pages = FOLDERS.flatMap(pagesOf);
/** Commands of the package's own program, which `npx` finds where the package is installed. */
const PACKAGE_COMMANDS = ['cloud', 'qstash'];
/** Functions of the code, which the pages call by their variable. */
const FUNCTIONS =
  /^(?:(?:api|tx|scope|limiter|queryClient|error)(?:\.[a-z]+)+|sessions\.(?:create|rotate)|cache\.(?:store(?:\.[a-z]+)?|read|write|warm|refresh|forget|invalidate))$/;

const source = ['src', 'cli', 'dev', 'functions'].map(readFolder).join('\n');
const alertNames = new Set(alerts.map(({ name }) => name));
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

/** True for the name of a function such as `cache.store`, unless a metric has this name. */
const isFunction = (name: string): boolean => FUNCTIONS.test(name) && !(name in METRICS);

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

function readFolder(folder: string): string {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !file.startsWith('generated'))
    .map((file) => read(join(folder, file)))
    .join('\n');
}

/** The unknown names of each page that has any. */
function unknownIn(find: (text: string) => readonly string[]): Record<string, string[]> {
  const found = pages.map(({ path, text }) => [path, [...new Set(find(text))]] as const);
  return Object.fromEntries(found.filter(([, names]) => names.length > 0).map(([path, names]) => [path, [...names]]));
}

const matches = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, name = '']) => name);

/** The known endings of the series of a histogram. */
const SERIES = /_(?:bucket|sum|count)$/;

describe('the pages name nothing that the code lacks', () => {
  test('metrics in the form of Prometheus', () => {
    const known = new Set((Object.keys(METRICS) as MetricName[]).map(prometheusName));
    const find = (text: string) =>
      matches(text, /\b(holdfast_[a-z_]+)/g)
        .filter((name) => !known.has(name) && !known.has(name.replace(SERIES, '')))
        .filter((name) => !/^holdfast_(?:app|sealer)$/.test(name));
    expect(unknownIn(find)).toEqual({});
  });

  test('names with a dot: metrics, schedules, jobs and events of the log', () => {
    const known = new Set([...Object.keys(METRICS), ...schedules.keys(), ...jobs.keys()]);
    const find = (text: string) =>
      namesIn(text)
        .filter((name) => /^[a-z][a-z-]*(?:\.[a-z][a-z_-]*)+$/.test(name))
        .filter((name) => !/\.(?:md|ts|tsx|js|yml|json|toml|svg|env|txt|conf|exe|cmd)$/.test(name) && !isFunction(name))
        .filter((name) => !known.has(name) && !source.includes(`'${name}'`));
    expect(unknownIn(find)).toEqual({});
  });

  test('alerts: each name after the word “alert”', () => {
    const find = (text: string) =>
      [...text.replace(/\s+/g, ' ').matchAll(/\balerts? ((?:`[a-z-]+`(?: \([^)]*\))?(?:, | and | or )?)+)/g)]
        .flatMap(([, list = '']) => matches(list, /`([a-z-]+)`/g))
        .filter((name) => !alertNames.has(name));
    expect(unknownIn(find)).toEqual({});
  });

  test('scripts of package.json', () => {
    const find = (text: string) =>
      matches(text.replace(/\s+/g, ' '), /\bnpm run (?:-s )?([a-z][\w:-]*)/g).filter(
        (name) => scripts[name] === undefined,
      );
    expect(unknownIn(find)).toEqual({});
  });

  test('commands of the command line, with their options', () => {
    const find = (text: string) =>
      [
        ...text
          .replace(/`\n|\n```/g, '` ')
          .replace(/[ \t]*\n[ \t]*/g, ' ')
          .matchAll(/npm run (?:-s )?holdfast -- ([^`|;&]*)/g),
      ]
        .map(([, call = '']) => call.split(' npm run ')[0]?.split(' npx ')[0]?.trim() ?? '')
        .filter((call) => call !== '' && !/^(?:<|--help|…)/.test(call))
        .filter((call) => {
          const command = commands.find(({ name }) => call === name || call.startsWith(`${name} `));
          const options = matches(call, / --([a-z-]+)/g);
          const known = new Set([...Object.keys(command?.options ?? {}), 'json', 'env-file', 'help']);
          return command === undefined || options.some((option) => !known.has(option));
        });
    expect(unknownIn(find)).toEqual({});
  });

  test('commands of the package', () => {
    const find = (text: string) =>
      matches(text, /npx holdfast ([a-z]+)/g).filter((name) => !PACKAGE_COMMANDS.includes(name));
    expect(unknownIn(find)).toEqual({});
  });

  test('routes of the API, with their methods', () => {
    const operations = routes().map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
    const known = new Set([...operations, 'POST /schedules/tick', 'POST /jobs/run/{name}']);
    const find = (text: string) =>
      namesIn(text)
        .flatMap((name) => /^(?:GET|POST|PUT|PATCH|DELETE) \/[^\s?]*/.exec(name)?.[0] ?? [])
        .filter((route) => !known.has(route));
    expect(unknownIn(find)).toEqual({});
  });

  test('pages of the console', () => {
    const addresses = new Set<string>(Object.values({ ...SCREENS, ...ACTIONS, ...QUESTIONS }));
    const find = (text: string) =>
      namesIn(text).filter((name) => /^\/console(\/|$)/.test(name) && !addresses.has(name));
    expect(unknownIn(find)).toEqual({});
  });

  test('settings and codes: words in capitals with underscores', () => {
    const example = read('.env.example') + source;
    const find = (text: string) =>
      namesIn(text)
        .flatMap((name) => name.match(/\b[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+\b/g) ?? [])
        .filter((name) => !new RegExp(`\\b${name}\\b`).test(example));
    expect(unknownIn(find)).toEqual({});
  });

  test('links to other pages and files of the repository', () => {
    const broken = pages.flatMap(({ path, text }) =>
      matches(text, /\]\(([^)#\s]+)[^)]*\)/g)
        .filter((target) => !/^[a-z]+:/.test(target))
        .filter((target) => !existsSync(join(ROOT, path, '..', target)))
        .map((target) => `${path}: ${target}`),
    );
    expect(broken).toEqual([]);
  });
});
