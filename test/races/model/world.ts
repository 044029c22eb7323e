/**
 * The world of an exploration. A state has the contents of Redis and the database, the acknowledged writes, and the
 * progress of each actor; the world gives the possible next steps and the errors in their states.
 */
import { INVALIDATE, SECOND_LOOK } from '../../../src/platform/outbox/outbox-handlers.ts';
import { type Actor, castOf, partnerOf, readerOf, readersOf, swapsOf } from './cast.ts';
import { keysOf, without } from './engine.ts';
import type { Explorable, State, Step } from './explore.ts';
import { Knowledge } from './knowledge.ts';
import { fromValue, renamedWrites, type Swap, stepOf, toValue, type Writes } from './names.ts';
import { NOON } from './noon.ts';
import { type Answer, type OutboxRow, type Received, type Request, type Standing, stand } from './program.ts';
import type { Fault, Scenario } from './scenario.ts';

/**
 * A state is `[redis, database, acknowledged, outbox, late, faults, replica, …histories of actors, …floors of readers]`.
 * The replica has the number of Redis's contents at an earlier time, plus 1; 0 if it does not lag.
 */
const [REDIS, DATABASE, ACKNOWLEDGED, OUTBOX, LATE, FAULTS, REPLICA, ACTORS] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
/** The floor of a reader before its read or after it. */
const NONE = 4;
/** A late or repeated request arrives this much later than the original, in ms. */
const LATER_MS = 1;
const FAMILY = { entry: ':q:', lease: ':l:', version: ':v:' } as const;

/** The result of an answer for the step's label, and its error. */
interface Said {
  said: string;
  wrong: string | null;
}

export class World implements Explorable {
  /** Swaps of names under which the scenario stays the same. */
  readonly swaps: readonly Swap[];
  readonly #scenario: Scenario;
  readonly #actors: readonly Actor[];
  readonly #readers: number;
  readonly #faults: readonly Fault[];
  readonly #known: Knowledge;
  readonly #probed: (Writes | null)[] = [];

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#actors = castOf(scenario);
    this.#readers = readersOf(scenario);
    this.#faults = scenario.faults ?? [];
    this.swaps = swapsOf(scenario);
    this.#known = new Knowledge(scenario, this.swaps);
  }

  close(): void {
    this.#known.close();
  }

  async start(): Promise<State> {
    const { start = 'cold' } = this.#scenario;
    const empty = this.#known.contents.id('');
    // An earlier reader has filled the entry, which is fresh for 5 minutes and may be served for 10.
    const at = start === 'warm' ? NOON : NOON - 6 * 60_000;
    const contents = start === 'cold' ? empty : (await this.#readAlone('I', empty, 0, at)).contents;
    const nothing = this.#known.listId([]);
    const histories = this.#actors.map((actor) => this.#known.begin(actor));
    return [contents, 0, 0, nothing, nothing, 0, 0, ...histories, ...Array.from({ length: this.#readers }, () => NONE)];
  }

  /** One read without other actors: its outcome, and the contents after it. */
  async #readAlone(name: string, before: number, database: Writes, at = NOON) {
    const history: Received[] = [];
    let contents = before;
    for (;;) {
      const { waiting, outcome } = await stand(readerOf(this.#scenario), name, history, at);
      const [next] = waiting;
      if (!next) return { contents, outcome };
      const [index, request] = next;
      if (request.to === 'redis') {
        const { after, answer } = await this.#known.run(contents, this.#known.of(request).command);
        contents = after;
        history.push([index, JSON.parse(this.#known.answers.text(answer)) as Answer]);
      } else history.push([index, { result: toValue(database) }]);
    }
  }

  /** The error in a state: checks the value that a new reader would get. */
  async check(state: State): Promise<{ serves: boolean; wrong: string | null }> {
    const [redis = 0, database = 0, acknowledged = 0] = state;
    let served = this.#probed[redis];
    if (served === undefined) {
      const [look] = (await stand(readerOf(this.#scenario), 'P', [])).waiting;
      if (look?.[1].to !== 'redis') throw new Error('A read begins by asking Redis');
      const { answer } = await this.#known.run(redis, this.#known.of(look[1]).command);
      const received = JSON.parse(this.#known.answers.text(answer)) as Answer;
      const { outcome } = await stand(readerOf(this.#scenario), 'P', [[look[0], received]]);
      served = outcome && 'value' in outcome ? fromValue(outcome.value) : null;
      this.#probed[redis] = served;
    }
    const wrong = served === null ? null : judge('a new reader is served', served, acknowledged, database);
    const together = this.#scenario.alone ? await this.#loadTogether(state) : null;
    return { serves: served !== null, wrong: together ?? (this.#excused(state) ? null : wrong) };
  }

  /** The error in a state in which several actors load. */
  async #loadTogether(state: State): Promise<string | null> {
    const loading: string[] = [];
    for (const [position, actor] of this.#actors.entries()) {
      const standing = state[ACTORS + position] ?? this.#known.done;
      if (standing === this.#known.done) continue;
      const { waiting } = await this.#known.stand(actor, standing);
      const loads = waiting.some(([, request]) => request.to === 'sql' && request.statement === 'SELECT');
      if (loads) loading.push(actor.name);
    }
    return loading.length > 1 ? `TOGETHER: ${loading.join(' and ')} load at the same time` : null;
  }

  #excused(state: State): boolean {
    const rows = this.#list(state, OUTBOX) as readonly OutboxRow[];
    switch (this.#scenario.excused) {
      case 'while queued':
        return rows.some(({ kind }) => kind === INVALIDATE);
      case 'while kept':
        return rows.length > 0 && (state[FAULTS] ?? 0) > 0;
      case undefined:
        return false;
    }
  }

  /** The error at an end: a read must get the newest value and leave it in the cache for the next read. */
  async checkEnd(state: State): Promise<string | null> {
    if (this.#excused(state)) return null;
    const [redis = 0, database = 0, acknowledged = 0] = state;
    const { contents, outcome } = await this.#readAlone('P', redis, database);
    if (!outcome || 'error' in outcome) return `at the end a read fails: ${outcome?.error}`;
    const next = await this.#readAlone('Q', contents, database);
    const values = [outcome, next.outcome].map((each) => fromValue(each && 'value' in each ? each.value : 'nothing'));
    for (const value of values) {
      const wrong = judge('at the end a reader is served', value, acknowledged, database);
      if (wrong) return wrong;
    }
    return null;
  }

  /** Every step that can come next. */
  async steps(state: State): Promise<Step[]> {
    const steps: Step[] = [];
    for (const [position, actor] of this.#actors.entries()) {
      const standing = state[ACTORS + position] ?? this.#known.done;
      if (standing === this.#known.done) continue;
      for (const [index, request] of (await this.#known.stand(actor, standing)).waiting) {
        if (request.to === 'sql' && request.statement === 'read entries' && !this.#drains(state)) continue;
        steps.push(await this.#step(state, position, standing, index, request, 'works'));
        for (const [number, fault] of this.#faults.entries()) {
          if (fault.kind === 'gone' || fault.kind === 'forgotten' || !this.#mayHappen(state, number)) continue;
          if (!fault.steps.includes(this.#known.of(request).step)) continue;
          steps.push(await this.#step(state, position, standing, index, request, fault.kind, number));
        }
      }
    }
    for (const [number, fault] of this.#faults.entries()) {
      if (fault.kind !== 'gone' || !this.#mayHappen(state, number)) continue;
      const contents = this.#known.contents.text(state[REDIS] ?? 0);
      for (const key of keysOf(contents).filter((each) => each.includes(FAMILY[fault.what]))) {
        const to = [...state];
        to[REDIS] = this.#known.contents.id(without(contents, key));
        to[FAULTS] = (state[FAULTS] ?? 0) | (1 << number);
        steps.push({ label: `the ${fault.what} is gone`, to, wrong: null });
      }
    }
    for (const [number, fault] of this.#faults.entries()) {
      if (fault.kind === 'forgotten' && this.#mayHappen(state, number)) steps.push(...this.#forgetting(state, number));
    }
    for (const command of new Set(this.#list(state, LATE))) {
      const to = [...state];
      const id = this.#known.commands.id(String(command));
      to[REDIS] = (await this.#known.run(state[REDIS] ?? 0, id, LATER_MS)).after;
      const rest = [...this.#list(state, LATE)];
      rest.splice(rest.indexOf(command), 1);
      to[LATE] = this.#known.listId(rest);
      steps.push({ label: `late: ${stepOf({ to: 'redis', command: JSON.parse(String(command)) })}`, to, wrong: null });
    }
    return steps;
  }

  /** A drain without a fault has a scenario of its own; in the others it begins after a fault. */
  #drains(state: State): boolean {
    return this.#list(state, OUTBOX).length > 0 && (this.#faults.length === 0 || (state[FAULTS] ?? 0) > 0);
  }

  /** The replica falls behind; later it takes over, and the changes of Redis since then are lost. */
  #forgetting(state: State, fault: number): Step[] {
    const [redis = 0, replica = 0] = [state[REDIS], state[REPLICA]];
    const to = [...state];
    if (replica === 0) {
      to[REPLICA] = redis + 1;
      return [{ label: 'the replica falls behind', to, wrong: null }];
    }
    if (replica === redis + 1) return [];
    to[REDIS] = replica - 1;
    to[REPLICA] = 0;
    to[FAULTS] = (state[FAULTS] ?? 0) | (1 << fault);
    return [{ label: 'the replica takes over', to, wrong: null }];
  }

  #mayHappen(state: State, fault: number): boolean {
    const happened = state[FAULTS] ?? 0;
    if (happened === 0) return true;
    const each = this.#faults[fault];
    if (each?.kind === 'refused' && each.often) return true;
    const many = happened.toString(2).replaceAll('0', '').length;
    return !(happened & (1 << fault)) && many < (this.#scenario.atOnce ?? 1);
  }

  async #step(
    state: State,
    position: number,
    standing: number,
    index: number,
    request: Request,
    how: 'works' | Exclude<Fault['kind'], 'gone' | 'forgotten'>,
    fault?: number,
  ): Promise<Step> {
    const to = [...state];
    let answer = 0;
    const runs = how === 'works' || how === 'twice' || how === 'answer lost';
    if (runs) answer = await this.#effect(to, position, request);
    if (how === 'refused') answer = this.#known.answerId({ error: 'OOM command not allowed' });
    else if (how !== 'works' && how !== 'twice') answer = this.#known.answerId({ error: 'LOST' });
    if ((how === 'late' || how === 'twice') && request.to === 'redis') {
      const late = [...this.#list(state, LATE), JSON.stringify(request.command)].sort();
      to[LATE] = this.#known.listId(late);
    }
    if (fault !== undefined) to[FAULTS] = (state[FAULTS] ?? 0) | (1 << fault);
    const { said, wrong } = await this.#tell(to, position, standing, index, answer);
    const actor = this.#actors[position] as Actor;
    const remark = how === 'works' ? '' : ` (${how})`;
    return { label: `${actor.name}: ${this.#known.of(request).step}${remark}${said}`, to, wrong };
  }

  /** Applies a request to the world and returns the answer. */
  async #effect(to: number[], position: number, request: Request): Promise<number> {
    if (request.to === 'redis') {
      const { after, answer } = await this.#known.run(to[REDIS] ?? 0, this.#known.of(request).command);
      to[REDIS] = after;
      return answer;
    }
    if (request.to === 'clock') return this.#known.answerId({ result: null });
    const rows = this.#list(to, OUTBOX) as readonly OutboxRow[];
    switch (request.statement) {
      case 'SELECT':
        return this.#known.answerId({ result: toValue(to[DATABASE] ?? 0) });
      case 'COMMIT':
        to[DATABASE] = (to[DATABASE] ?? 0) | (this.#actors[position]?.write ?? 0);
        to[OUTBOX] = this.#known.listId([...rows, ...request.rows].sort((a, b) => (a.id < b.id ? -1 : 1)));
        return this.#known.answerId({ result: null });
      case 'read entries':
        return this.#known.answerId({ result: rows });
      case 'delete entries':
        to[OUTBOX] = this.#known.listId(rows.filter(({ id }) => !request.ids.includes(id)));
        return this.#known.answerId({ result: null });
      case 'keep entries':
        to[OUTBOX] = this.#known.listId(
          rows.map((row) => (request.ids.includes(row.id) ? { ...row, kind: SECOND_LOOK } : row)),
        );
        return this.#known.answerId({ result: null });
      default:
        throw new Error(`This world knows no ${request.statement}`);
    }
  }

  /** Gives an actor an answer and checks the result. */
  async #tell(to: number[], position: number, standing: number, index: number, answer: number): Promise<Said> {
    const actor = this.#actors[position] as Actor;
    const floor = ACTORS + this.#actors.length + position;
    const reads = position < this.#readers;
    if (reads && to[floor] === NONE) to[floor] = to[ACKNOWLEDGED] ?? 0;
    const next = this.#known.receive(standing, index, answer);
    const before = (await this.#known.stand(actor, standing)).outcome;
    const { outcome, waiting } = await this.#known.stand(actor, next);
    // Deleting or keeping an outbox row is not a separate step: a drain that must find the old row can have read the row
    // just before.
    const [deletes] = waiting.filter(([, { to: where, ...rest }]) => where === 'sql' && 'ids' in rest);
    if (deletes) {
      const [number, request] = deletes;
      const { said, wrong } = await this.#tell(to, position, next, number, await this.#effect(to, position, request));
      return { said: outcome && !before ? this.#acknowledge(to, actor, outcome) + said : said, wrong };
    }
    to[ACTORS + position] = waiting.length === 0 ? this.#known.next(actor, standing) : next;
    let said = '';
    let wrong: string | null = null;
    if (outcome && !before) {
      if (reads) {
        if ('error' in outcome) wrong = `a read failed: ${outcome.error}`;
        else {
          wrong = judge(`${actor.name} is served`, fromValue(outcome.value), to[floor] ?? 0, to[DATABASE] ?? 0);
          said = ` = ${outcome.value}`;
        }
        if (this.#excused(to)) wrong = null;
        to[floor] = NONE;
      } else said = this.#acknowledge(to, actor, outcome);
    }
    return { said, wrong };
  }

  #acknowledge(to: number[], { write }: Actor, outcome: NonNullable<Standing['outcome']>): string {
    if (write === 0) return '';
    if ('value' in outcome) to[ACKNOWLEDGED] = (to[ACKNOWLEDGED] ?? 0) | write;
    return 'value' in outcome ? ' · acknowledged' : ' · failed';
  }

  #list(state: State, which: typeof OUTBOX | typeof LATE): readonly unknown[] {
    return this.#known.list(state[which] ?? 0);
  }

  /** The state under swapped names. */
  renamed(state: State, which: number): State {
    const swap = this.swaps[which] ?? 0;
    if (swap === 0) return state;
    const names = this.#known.renamed[which] as Knowledge['renamed'][number];
    const to = [...state];
    to[REDIS] = names.contents(state[REDIS] ?? 0);
    const replica = state[REPLICA] ?? 0;
    to[REPLICA] = replica === 0 ? 0 : names.contents(replica - 1) + 1;
    to[DATABASE] = renamedWrites(state[DATABASE] ?? 0, swap);
    to[ACKNOWLEDGED] = renamedWrites(state[ACKNOWLEDGED] ?? 0, swap);
    to[OUTBOX] = names.list(state[OUTBOX] ?? 0);
    to[LATE] = names.list(state[LATE] ?? 0);
    for (const position of this.#actors.keys()) {
      const from = partnerOf(position, swap, this.#readers);
      to[ACTORS + position] = names.history(state[ACTORS + from] ?? 0);
    }
    const floors = ACTORS + this.#actors.length;
    for (let position = 0; position < this.#readers; position += 1) {
      const floor = state[floors + partnerOf(position, swap, this.#readers)] ?? NONE;
      to[floors + position] = floor === NONE ? NONE : renamedWrites(floor, swap);
    }
    return to;
  }
}

function judge(what: string, served: Writes, atLeast: Writes, committed: Writes): string | null {
  if (atLeast & ~served) return `STALE: ${what} ${toValue(served)} after ${toValue(atLeast)} was acknowledged`;
  if (served & ~committed)
    return `NEVER WRITTEN: ${what} ${toValue(served)} when the database holds ${toValue(committed)}`;
  return null;
}
