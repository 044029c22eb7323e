/**
 * The world of a guard: writers that add a member and insert its row, rebuilds of the filter, and a Redis that loses
 * keys. Every step of an actor is one request; the scripts and the rebuild are the real ones. In every state the real
 * check of the guard must say "maybe" for each acknowledged member.
 */

import { addMembers, mayHave } from '../../../src/platform/cache/filter-commands.ts';
import { bloom, type LoadContext, query, rebuildGuard } from '../../../src/platform/cache/index.ts';
import { scriptNameOf } from '../../support/script-names.ts';
import { createEngine, keysOf, without } from './engine.ts';
import type { Explorable, State, Step } from './explore.ts';
import { Interner } from './interner.ts';
import { type Answer, type Program, type Request, type Standing, stand, type Tools } from './program.ts';

/** A fault, which may happen once. */
export type GuardFault =
  | 'the filter is evicted'
  | 'the rebuild is evicted'
  | 'flush'
  | 'lost'
  | 'answer lost'
  | 'late'
  | 'twice';

export interface GuardScenario {
  /** The number of writers, each with one member. */
  writers: number;
  /** The number of rebuilds, each by an actor of its own. */
  rebuilds: number;
  faults: readonly GuardFault[];
  /** Whether a complete filter without members exists at first. */
  filled?: boolean;
  /** Breaks a script, to prove that the exploration finds the error. */
  breaking?: (lua: string) => string;
  /** Breaks the wait for earlier transactions. */
  impatient?: boolean;
}

type Row = 'inserted' | 'committed' | 'acknowledged';

interface Moment {
  contents: string;
  /** The rows of writers by name. An inserted row belongs to a transaction under way. */
  rows: Record<string, Row>;
  /** The transactions that each rebuild has to wait for. */
  earlier: Record<string, string[]>;
  histories: Record<string, [number, Answer][]>;
  late: (readonly string[])[];
  faults: GuardFault[];
}

const things = query('thing', {
  ttl: '5m',
  guard: bloom<{ id: string }>({
    expected: 2,
    async members(store) {
      const rows = await store.query<{ id: string }>('page', []);
      return { members: rows.map((args) => ({ tenant: 't', args })), next: null };
    },
  }),
  load: async (_args: { id: string }, _context: LoadContext): Promise<string | null> => null,
});
const memberOf = (id: string) => things.keysOf('t', { id }).entry;
const { guard } = things;
if (!guard) throw new Error('The query has a guard');

/** Inserts a row, adds its member, and commits: the order of `commit()`. */
const writer =
  (id: string): Program =>
  async (tools: Tools) => {
    await tools.ask({ to: 'sql', statement: 'INSERT' });
    await addMembers(tools.redis, things.name, guard, [memberOf(id)]);
    await tools.ask({ to: 'sql', statement: 'COMMIT', rows: [] });
  };

const rebuilder: Program = ({ redis, system, ask }) => {
  const store = {
    async query<Found extends object>(text: string): Promise<Found[]> {
      const statement = text === 'page' ? 'page' : text.includes('xmax') ? 'xmax' : 'xmin';
      return (await ask({ to: 'sql', statement })) as Found[];
    },
  };
  return rebuildGuard(
    { redis, store, system: { ...system, sleep: () => Promise.reject(new Error('too early')) } },
    things,
  );
};

export class GuardWorld implements Explorable {
  readonly swaps = [0] as const;
  readonly #engine;
  readonly #moments = new Interner();
  readonly #standings = new Map<string, Promise<Standing>>();
  readonly #scenario: GuardScenario;
  readonly #programs: Readonly<Record<string, Program>>;

  constructor(scenario: GuardScenario) {
    this.#scenario = scenario;
    this.#engine = createEngine(scenario.breaking);
    const writers = Array.from({ length: scenario.writers }, (_, index) => [`W${index}`, writer(`W${index}`)] as const);
    const rebuilds = Array.from({ length: scenario.rebuilds }, (_, index) => [`B${index}rebuild`, rebuilder] as const);
    this.#programs = Object.fromEntries([...writers, ...rebuilds]);
  }

  close(): void {
    this.#engine.close();
  }

  renamed(state: State): State {
    return state;
  }

  async start(): Promise<State> {
    const histories = Object.fromEntries(Object.keys(this.#programs).map((name) => [name, []]));
    const moment: Moment = { contents: '', rows: {}, earlier: {}, histories, late: [], faults: [] };
    if (this.#scenario.filled) {
      for (let done = false; !done; ) {
        const [next] = (await this.#stand('first', moment.histories['first'] ?? [], rebuilder)).waiting;
        if (next)
          moment.histories['first'] = [
            ...(moment.histories['first'] ?? []),
            [next[0], await this.#effect(moment, 'first', next[1])],
          ];
        else done = true;
      }
      delete moment.histories['first'];
      delete moment.earlier['first'];
    }
    return this.#state(moment);
  }

  /** Asks the guard for each member; `serves`: a stranger is denied. */
  async check(state: State): Promise<{ serves: boolean; wrong: string | null }> {
    const { contents, rows } = this.#moment(state);
    for (const [id, row] of Object.entries(rows)) {
      if (row === 'acknowledged' && !(await this.#mayHave(contents, id))) {
        return { serves: true, wrong: `FALSE NO: the guard denies ${id}, which was acknowledged` };
      }
    }
    return { serves: !(await this.#mayHave(contents, 'stranger')), wrong: null };
  }

  async checkEnd(): Promise<string | null> {
    return null;
  }

  async steps(state: State): Promise<readonly Step[]> {
    const moment = this.#moment(state);
    const steps: Step[] = [];
    const may = (fault: GuardFault) => this.#scenario.faults.includes(fault) && !moment.faults.includes(fault);
    for (const [name, history] of Object.entries(moment.histories)) {
      for (const [index, request] of (await this.#stand(name, history)).waiting) {
        steps.push(await this.#step(moment, name, index, request));
        if (request.to !== 'redis') continue;
        for (const fault of ['lost', 'answer lost', 'late', 'twice'] as const) {
          if (may(fault)) steps.push(await this.#step(moment, name, index, request, fault));
        }
      }
    }
    for (const command of moment.late) {
      const to = structuredClone(moment);
      to.late = moment.late.filter((each) => each !== command);
      // A repeated request arrives later, so the token that it makes has another time.
      to.contents = (await this.#engine.run(moment.contents, command, 1)).after;
      steps.push({ label: `late: ${nameOf(command)}`, to: this.#state(to), wrong: null });
    }
    for (const fault of ['the filter is evicted', 'the rebuild is evicted', 'flush'] as const) {
      if (!may(fault)) continue;
      const gone = keysOf(moment.contents).filter(
        (key) => fault === 'flush' || key.endsWith(':rebuild') === (fault === 'the rebuild is evicted'),
      );
      if (gone.length === 0) continue;
      const contents = gone.reduce(without, moment.contents);
      steps.push({
        label: fault,
        to: this.#state({ ...moment, contents, faults: [...moment.faults, fault] }),
        wrong: null,
      });
    }
    return steps;
  }

  async #step(before: Moment, name: string, index: number, request: Request, fault?: GuardFault): Promise<Step> {
    const moment = structuredClone(before);
    if (fault) moment.faults = [...moment.faults, fault].sort();
    const runs = fault === undefined || fault === 'answer lost' || fault === 'twice';
    const reply = runs ? await this.#effect(moment, name, request) : null;
    if (request.to === 'redis' && (fault === 'late' || fault === 'twice')) moment.late.push(request.command);
    const isLost = reply === null || fault === 'answer lost';
    const history = [
      ...(moment.histories[name] ?? []),
      [index, isLost ? { error: 'LOST' } : reply] as [number, Answer],
    ];
    const { outcome, waiting } = await this.#stand(name, history);
    if (outcome && waiting.length === 0) delete moment.histories[name];
    else moment.histories[name] = history;
    if (outcome && name in moment.rows) {
      // A failed write is rolled back.
      if ('value' in outcome) moment.rows[name] = 'acknowledged';
      else delete moment.rows[name];
    }
    const remark = fault ? ` (${fault})` : '';
    return {
      label: `${name}: ${request.to === 'redis' ? nameOf(request.command) : 'statement' in request ? request.statement : ''}${remark}`,
      to: this.#state(moment),
      wrong: null,
    };
  }

  /** A request takes effect. */
  async #effect(moment: Moment, name: string, request: Request): Promise<Answer> {
    if (request.to === 'redis') {
      const { after, answer } = await this.#engine.run(moment.contents, request.command);
      moment.contents = after;
      return answer;
    }
    if (request.to === 'clock') return { result: null };
    const running = () => Object.keys(moment.rows).filter((id) => moment.rows[id] === 'inserted');
    switch (request.statement) {
      case 'INSERT':
        moment.rows[name] = 'inserted';
        return { result: null };
      case 'COMMIT':
        moment.rows[name] = 'committed';
        return { result: null };
      case 'xmax':
        moment.earlier[name] = this.#scenario.impatient ? [] : running();
        return { result: [{ id: '2' }] };
      case 'xmin': {
        const isOver = !running().some((id) => moment.earlier[name]?.includes(id));
        return { result: [{ id: isOver ? '2' : '1' }] };
      }
      case 'page':
        return {
          result: Object.keys(moment.rows)
            .filter((id) => moment.rows[id] !== 'inserted')
            .sort()
            .map((id) => ({ id })),
        };
      default:
        throw new Error(`The model knows no ${request.statement}`);
    }
  }

  async #mayHave(contents: string, id: string): Promise<boolean> {
    const ask: Program = ({ redis }) => mayHave(redis, things.name, guard as NonNullable<typeof guard>, memberOf(id));
    const [look] = (await this.#stand(`ask ${id}`, [], ask)).waiting;
    if (look?.[1].to !== 'redis') throw new Error('The check asks Redis');
    const { answer } = await this.#engine.run(contents, look[1].command);
    const { outcome } = await this.#stand(`ask ${id}`, [[look[0], answer]], ask);
    if (!outcome || !('value' in outcome)) throw new Error('The check has no other request');
    return outcome.value === true;
  }

  #stand(name: string, history: readonly [number, Answer][], program = this.#programs[name]): Promise<Standing> {
    const key = name + JSON.stringify(history);
    const known = this.#standings.get(key);
    if (known) return known;
    const standing = stand(program as Program, name.padEnd(8, '-'), history);
    this.#standings.set(key, standing);
    return standing;
  }

  #moment(state: State): Moment {
    return JSON.parse(this.#moments.text(state[0] ?? 0)) as Moment;
  }

  #state(moment: Moment): State {
    return [this.#moments.id(JSON.stringify(moment))];
  }
}

/** The name of a command or of its script. */
function nameOf([name = '', text = '']: readonly string[]): string {
  return (/^eval$/i.test(name) && scriptNameOf(text)) || name;
}
