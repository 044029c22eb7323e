/** Runs the benchmark: starts the servers, runs the scenarios, and writes the document. */
import { parseArgs } from 'node:util';
import type { Bench, Column, Row, Section } from './bench.ts';
import type { Contestant } from './contestant.ts';
import { contestants } from './contestants.ts';
import { packageVersion } from './peers/package-version.ts';
import { formatReport, writeDocument } from './report/document.ts';
import { progressSince } from './report/progress.ts';
import { apiApart } from './scenarios/api.ts';
import { audit } from './scenarios/audit.ts';
import { costs } from './scenarios/costs.ts';
import { dealWrites } from './scenarios/deal-writes.ts';
import { faultsApart } from './scenarios/faults.ts';
import { growth } from './scenarios/growth.ts';
import { jobsApart } from './scenarios/jobs.ts';
import { jobsBefore } from './scenarios/jobs-before.ts';
import { latency } from './scenarios/latency.ts';
import { liveApart } from './scenarios/live.ts';
import { races } from './scenarios/races.ts';
import { recoveryApart } from './scenarios/recovery.ts';
import { search } from './scenarios/search.ts';
import { sessions } from './scenarios/sessions.ts';
import { speed } from './scenarios/speed.ts';
import { stampede } from './scenarios/stampede.ts';
import { startUp } from './scenarios/start-up.ts';
import { sustained } from './scenarios/sustained.ts';
import { values } from './scenarios/values.ts';
import { createHouse } from './servers/house.ts';
import { startBenchRedis } from './servers/redis.ts';
import { startRest } from './servers/rest.ts';
import { REFERENCE } from './start-up/commit.ts';

/** The columns of the job sections. */
const QUEUES: readonly Column[] = [
  { id: 'holdfast', label: 'Holdfast' },
  { id: 'bullmq', label: packageVersion('bullmq') },
  { id: 'bullmq-hop', label: 'BullMQ, an HTTP request per job' },
];

/** The columns of the section about live updates. */
const LIVE: readonly Column[] = [
  { id: 'holdfast', label: 'Holdfast' },
  { id: 'realtime', label: packageVersion('@upstash/realtime') },
];

/** The columns of the section about growth. */
function sizes({ rows }: Bench): readonly Column[] {
  const large = rows.toLocaleString('en');
  return [
    { id: 'holdfast-small', label: '1,000 deals' },
    { id: 'holdfast-large', label: `${large} deals` },
    { id: 'holdfast-few', label: `12 deals, beside 1,000; beside ${large}` },
  ];
}

/** The columns of the sections that compare this tree with an earlier commit. */
const TREES: readonly Column[] = [
  { id: 'holdfast', label: 'Holdfast' },
  { id: 'reference', label: `commit ${REFERENCE.slice(0, 7)}` },
];

/** The column of sections without contestants. */
const ALONE: readonly Column[] = [{ id: 'holdfast', label: 'Holdfast' }];

/** A section of the table and the scenarios that fill it. */
interface Plan {
  id: string;
  title: string;
  run: readonly ((bench: Bench) => Promise<Row[]>)[];
  /** The contestants; default the caches. */
  columns?: readonly Column[] | ((bench: Bench) => readonly Column[]);
  /** True for a section that runs only if it is named, because it fills a large database. */
  onlyNamed?: true;
}

const counted: readonly Plan[] = [
  { id: 'costs', title: 'Cost: requests / commands / round trips waited for', run: [costs] },
];
/** The scenarios that mostly wait, and may run during the counting. */
const decided: readonly Plan[] = [
  { id: 'stampede', title: 'Stampede on a cold key', run: [stampede] },
  { id: 'races', title: 'Reads after a write', run: [races] },
  { id: 'values', title: 'Values', run: [values] },
];
/** The scenarios that need the whole machine. */
const timed: readonly Plan[] = [
  { id: 'speed', title: 'Speed, relative to raw GET', run: [speed, latency, sustained] },
  { id: 'api', title: 'The CRM API, without and with the cache', run: [apiApart] },
  { id: 'sessions', title: 'Sessions (Holdfast only)', run: [sessions] },
  { id: 'jobs', title: 'Jobs', run: [jobsApart], columns: QUEUES },
  { id: 'jobs-before', title: 'Jobs, beside an earlier commit', run: [jobsBefore], columns: TREES },
  { id: 'live', title: 'Live updates', run: [liveApart], columns: LIVE },
  { id: 'growth', title: 'Database time of a miss, as the data grows', run: [growth], columns: sizes, onlyNamed: true },
  { id: 'growth', title: 'Writes of deals', run: [dealWrites], columns: TREES, onlyNamed: true },
  {
    id: 'audit',
    title: 'Writes with an audit trail, 16 callers of one tenant',
    run: [audit],
    columns: ALONE,
    onlyNamed: true,
  },
  { id: 'search', title: 'Search', run: [search], columns: ALONE, onlyNamed: true },
  { id: 'start-up', title: 'Start-up of the Worker', run: [startUp], columns: TREES },
];
const inTrouble: Plan = { id: 'faults', title: 'Redis faults', run: [faultsApart] };
const killed: Plan = {
  id: 'recovery',
  title: 'Recovery after the process was killed',
  run: [recoveryApart],
  columns: QUEUES,
};

/**
 * Runs the benchmark. `--quick` ends within a minute; `costs speed`, or `--only=costs,speed`, runs these sections and
 * prints the report; `--rows 100000` is the size of the large tenant whose growth is measured.
 * @throws {TypeError} if no section has a given name, or `--rows` is not a number of at least 1,000.
 */
export async function main(args: readonly string[]): Promise<void> {
  const { values: options, positionals } = parseArgs({
    args: [...args],
    options: { quick: { type: 'boolean', default: false }, only: { type: 'string' }, rows: { type: 'string' } },
    allowPositionals: true,
  });
  const startedAt = Date.now();
  const named = [...positionals, ...(options.only?.split(',') ?? [])];
  const known = [...counted, ...decided, ...timed, inTrouble, killed].map(({ id }) => id);
  const unknown = named.filter((id) => !known.includes(id));
  if (unknown.length > 0) throw new TypeError(`No section is named ${unknown}; the sections are ${known.join(', ')}`);
  const size = Number(options.rows ?? 1_000_000);
  if (!Number.isInteger(size) || size < 1_000) throw new TypeError('--rows must be a number of at least 1000');
  const wanted = named.length > 0 ? named : undefined;
  const redis = await startBenchRedis();
  const house = createHouse(redis.url);
  const [rest, restBeside] = [await startRest(redis.url), await startRest(redis.url)];
  try {
    const notes: string[] = [];
    const bench: Bench = {
      rest,
      redisUrl: redis.url,
      house: house.open,
      contestants,
      quick: options.quick,
      rows: size,
      startedAt,
      newKey: newKeys(),
      note: (text) => notes.push(text),
      progress: progressSince(startedAt),
    };
    const measure = async (plans: readonly Plan[], on: Bench): Promise<Section[]> => {
      const sections: Section[] = [];
      for (const { title, run, columns } of plans.filter(({ id, onlyNamed }) =>
        wanted ? wanted.includes(id) : !onlyNamed,
      )) {
        const rows: Row[] = [];
        for (const scenario of run) rows.push(...(await scenario(on)));
        const own = typeof columns === 'function' ? columns(on) : columns;
        sections.push({ title, rows, ...(own ? { columns: own } : {}) });
      }
      return sections;
    };
    const decide = measure(decided, { ...bench, rest: restBeside });
    const untimed = await Promise.all([
      measure(counted, bench),
      decide,
      measure([inTrouble], bench),
      // The start of the app's servers takes CPU, so the start waits for the end of the stampede, which is timed.
      decide.then(() => measure([killed], bench)),
      decide.then(() => (wanted ? undefined : house.open())),
    ]);
    const [costSections, decidedSections, troubleSections, killedSections] = untimed;
    const sections = [
      ...costSections,
      ...decidedSections,
      ...(await measure(timed, bench)),
      ...troubleSections,
      ...killedSections,
    ];
    const report = { sections, notes, redis: redis.name, quick: options.quick };
    if (wanted) console.log(formatReport(report));
    else writeDocument(report);
  } finally {
    await house.close();
    await rest.close();
    await restBeside.close();
    await redis.close();
  }
  // Peers may still retry requests to stopped servers, so the process exits explicitly.
  process.exit();
}

/** Returns a function that creates keys, unique even on a Redis that other runs share. */
function newKeys(): Bench['newKey'] {
  const run = Date.now().toString(36);
  let count = 0;
  return ({ id }: Contestant) => {
    count += 1;
    return `bench-${run}-${id}-${count}`;
  };
}
