/**
 * The world of an isolate with a memory: its reads use the real memory, a writer elsewhere (or in the same isolate)
 * changes the row, and the clock may move between any two steps. A request takes time in this world: Redis or the
 * database runs the request at one time, and its answer arrives later.
 */

import { type Contents, createEngine } from './engine.ts';
import type { Explorable, State, Step } from './explore.ts';
import { Interner } from './interner.ts';
import { fromValue, stepOf, toValue } from './names.ts';
import { NOON } from './noon.ts';
import type { Answer, Program, Request, Standing } from './program.ts';
import { stand } from './program.ts';

export interface MemoryScenario {
  /** Programs by name; those named `W…` write. */
  programs: Readonly<Record<string, Program>>;
  /** The length of one step of the clock, in ms, and the number of these steps. */
  tickMs: number;
  ticks: number;
  /** A value may lack a write for less than this time after its acknowledgement, in ms. */
  boundMs: number;
  start: Contents;
}

interface Moment {
  contents: Contents;
  written: boolean;
  /** The time of the write's acknowledgement, in ticks. */
  acknowledgedAt: number | null;
  tick: number;
  actors: Record<string, { history: [number, Answer][]; answers: [number, Answer][]; beganAt: number }>;
}

export class MemoryWorld implements Explorable {
  readonly swaps = [0] as const;
  readonly #engine = createEngine();
  readonly #moments = new Interner();
  readonly #standings = new Map<string, Promise<Standing>>();
  readonly #scenario: MemoryScenario;

  constructor(scenario: MemoryScenario) {
    this.#scenario = scenario;
  }

  close(): void {
    this.#engine.close();
  }

  renamed(state: State): State {
    return state;
  }

  async start(): Promise<State> {
    const { programs, start } = this.#scenario;
    const actors = Object.fromEntries(
      Object.keys(programs).map((name) => [name, { history: [], answers: [], beganAt: 0 }]),
    );
    return this.#state({ contents: start, written: false, acknowledgedAt: null, tick: 0, actors });
  }

  /** A memory serves its own isolate only, so the model checks every read at its answer. */
  async check(): Promise<{ serves: boolean; wrong: string | null }> {
    return { serves: false, wrong: null };
  }

  async checkEnd(): Promise<string | null> {
    return null;
  }

  async steps(state: State): Promise<readonly Step[]> {
    const moment = JSON.parse(this.#moments.text(state[0] ?? 0)) as Moment;
    const steps: Step[] = [];
    let reading = false;
    for (const [name, { history, answers }] of Object.entries(moment.actors)) {
      for (const [index, request] of (await this.#stand(name, history)).waiting) {
        reading ||= !name.startsWith('W');
        const answer = answers.find(([to]) => to === index);
        steps.push(await (answer ? this.#arrives(moment, name, answer) : this.#runs(moment, name, index, request)));
      }
    }
    if (moment.tick < this.#scenario.ticks) {
      steps.push({
        label: `the clock: +${this.#scenario.tickMs} ms`,
        to: this.#state({ ...moment, tick: moment.tick + 1 }),
        wrong: null,
      });
    }
    // After the last read, no later step can serve a value.
    return reading ? steps : [];
  }

  /** A request takes effect. Requests that take no time are answered immediately. */
  async #runs(before: Moment, name: string, index: number, request: Request): Promise<Step> {
    const moment = structuredClone(before);
    const actor = moment.actors[name] as Moment['actors'][string];
    let reply: Answer = { result: null };
    if (request.to === 'redis') {
      const { after, answer } = await this.#engine.run(moment.contents, request.command);
      moment.contents = after;
      reply = answer;
    } else if (request.to === 'sql') {
      if (request.statement === 'COMMIT') moment.written = true;
      if (request.statement === 'SELECT') reply = { result: toValue(moment.written ? 1 : 0) };
    } else actor.beganAt = moment.tick;
    const takesTime = request.to !== 'clock' && !name.startsWith('W');
    if (!takesTime) {
      const { said, wrong } = await this.#tell(moment, name, index, reply);
      return { label: `${name}: ${stepOf(request)}${said}`, to: this.#state(moment), wrong };
    }
    actor.answers.push([index, reply]);
    return { label: `${name}: ${stepOf(request)} runs`, to: this.#state(moment), wrong: null };
  }

  async #arrives(before: Moment, name: string, [index, reply]: [number, Answer]): Promise<Step> {
    const moment = structuredClone(before);
    const actor = moment.actors[name] as Moment['actors'][string];
    actor.answers = actor.answers.filter(([to]) => to !== index);
    const { said, wrong } = await this.#tell(moment, name, index, reply);
    return { label: `${name}: … its answer arrives${said}`, to: this.#state(moment), wrong };
  }

  async #tell(
    moment: Moment,
    name: string,
    index: number,
    reply: Answer,
  ): Promise<{ said: string; wrong: string | null }> {
    const actor = moment.actors[name] as Moment['actors'][string];
    const before = await this.#stand(name, actor.history);
    // A writer acts the same at any time.
    const at = name.startsWith('W') ? {} : { at: NOON + moment.tick * this.#scenario.tickMs };
    actor.history.push([index, { ...reply, ...at }]);
    const { waiting, outcome } = await this.#stand(name, actor.history);
    if (name.startsWith('W')) {
      const acknowledged = outcome !== null && 'value' in outcome && before.outcome === null;
      if (acknowledged) moment.acknowledgedAt = moment.tick;
      return { said: acknowledged ? ' · acknowledged' : '', wrong: null };
    }
    const [served] = waiting.flatMap(([number, request]) =>
      request.to === 'clock' && request.served !== undefined ? [{ number, value: request.served }] : [],
    );
    if (!served) return { said: '', wrong: null };
    const wrong = this.#judge(moment, actor.beganAt, served.value);
    const more = await this.#tell(moment, name, served.number, { result: null });
    return { said: ` = ${served.value}${more.said}`, wrong: wrong ?? more.wrong };
  }

  #judge({ acknowledgedAt }: Moment, beganAt: number, value: string): string | null {
    const { tickMs, boundMs } = this.#scenario;
    if (acknowledgedAt === null || acknowledgedAt > beganAt || fromValue(value) === 1) return null;
    const age = (beganAt - acknowledgedAt) * tickMs;
    return age >= boundMs ? `STALE: served ${value}, ${age} ms after the write was acknowledged` : null;
  }

  #stand(name: string, history: readonly [number, Answer][]): Promise<Standing> {
    const key = name + JSON.stringify(history);
    const known = this.#standings.get(key);
    if (known) return known;
    const standing = stand(this.#scenario.programs[name] as Program, name, history);
    this.#standings.set(key, standing);
    return standing;
  }

  #state(moment: Moment): State {
    return [this.#moments.id(JSON.stringify(moment))];
  }
}
