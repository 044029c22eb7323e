/**
 * The results of an exploration, by numbers: every distinct content of Redis, history of an actor, answer and command.
 * Expensive work (running the real code or a script) is done once for each distinct question, not once for each state.
 */
import type { Actor } from './cast.ts';
import { createEngine, type Words } from './engine.ts';
import { Interner, remembered } from './interner.ts';
import { renamed, type Swap, stepOf } from './names.ts';
import { NOON } from './noon.ts';
import { type Answer, type Program, type Request, type Standing, stand } from './program.ts';
import type { Scenario } from './scenario.ts';

type Renaming = (id: number) => number;

export class Knowledge {
  readonly contents = new Interner();
  readonly answers = new Interner();
  readonly commands = new Interner();
  readonly #histories = new Interner();
  readonly #lists = new Interner();
  readonly #engine;
  readonly #altered: (command: Words) => Words;
  readonly #standings: Standing[] = [];
  readonly #ran = new Map<string, { after: number; answer: number }>();
  readonly #received = new Map<string, number>();
  readonly #parsed: (readonly unknown[])[] = [];
  readonly #requests = new WeakMap<Request, { step: string; command: number }>();
  /** The history number of an actor that has finished its work. */
  readonly done = this.#histories.id('done');
  /** Numbers under swapped names, by the number of the swap. */
  readonly renamed: readonly { contents: Renaming; history: Renaming; list: Renaming }[];

  readonly #timers: number;

  constructor({ breaking, altering = (command) => command, timers = 0 }: Scenario, swaps: readonly Swap[]) {
    this.#engine = createEngine(breaking);
    this.#altered = altering;
    this.#timers = timers;
    const renaming = (interner: Interner, swap: Swap) =>
      remembered((id) => interner.id(renamed(interner.text(id), swap)));
    this.renamed = swaps.map((swap) => ({
      contents: renaming(this.contents, swap),
      history: renaming(this.#histories, swap),
      list: renaming(this.#lists, swap),
    }));
  }

  close(): void {
    this.#engine.close();
  }

  /** A list of JSON values, by number. */
  list(id: number): readonly unknown[] {
    this.#parsed[id] ??= JSON.parse(this.#lists.text(id)) as unknown[];
    return this.#parsed[id];
  }

  listId(list: readonly unknown[]): number {
    return this.#lists.id(JSON.stringify(list));
  }

  answerId(answer: Answer): number {
    return this.answers.id(JSON.stringify(answer));
  }

  /** The step of a request, and the number of its command. */
  of(request: Request): { step: string; command: number } {
    const known = this.#requests.get(request);
    if (known) return known;
    const command = request.to === 'redis' ? this.commands.id(JSON.stringify(request.command)) : -1;
    const made = { step: stepOf(request), command };
    this.#requests.set(request, made);
    return made;
  }

  /** The history of an actor at the beginning of a round. */
  begin({ name }: Actor, round = 0): number {
    return this.#histories.id(`${name} ${round}`);
  }

  /** The history of an actor after a whole round: the beginning of the next, or {@link done}. */
  next(actor: Actor, history: number): number {
    const round = roundOf(this.#histories.text(history)) + 1;
    return round < actor.rounds.length ? this.begin(actor, round) : this.done;
  }

  /** A history with one more answer. */
  receive(history: number, request: number, answer: number): number {
    const question = `${history}:${request}:${answer}`;
    const known = this.#received.get(question);
    if (known !== undefined) return known;
    const longer = this.#histories.id(`${this.#histories.text(history)}\n[${request},${this.answers.text(answer)}]`);
    this.#received.set(question, longer);
    return longer;
  }

  /** The progress of an actor after a history. */
  async stand({ name, rounds }: Actor, history: number): Promise<Standing> {
    const known = this.#standings[history];
    if (known) return known;
    const [first = '', ...received] = this.#histories.text(history).split('\n');
    const round = roundOf(first);
    const standing = await stand(
      rounds[round] as Program,
      `${name}${'x'.repeat(round)}`,
      received.map((line) => JSON.parse(line) as [number, Answer]),
      NOON,
      this.#timers,
    );
    this.#standings[history] = standing;
    return standing;
  }

  /** The contents after a command, and its reply. */
  async run(contents: number, command: number, laterMs = 0): Promise<{ after: number; answer: number }> {
    const question = `${contents}:${command}:${laterMs}`;
    const known = this.#ran.get(question);
    if (known) return known;
    const words = this.#altered(JSON.parse(this.commands.text(command)) as Words);
    const { after, answer } = await this.#engine.run(this.contents.text(contents), words, laterMs);
    const ran = { after: this.contents.id(after), answer: this.answerId(answer) };
    this.#ran.set(question, ran);
    return ran;
  }
}

/** A history begins with the actor's name and the number of the round. */
function roundOf(history: string): number {
  return Number(/^\S+ (\d+)/.exec(history)?.[1]);
}
