/**
 * Processes of the app that can die, freeze and lose answers at every step outside themselves. A dead process never
 * receives an answer again; a frozen one goes on when its lease is over, and its timers have not fired meanwhile.
 * The fate of a step follows from the seed, the job, the step and its repetition, not from the order of events.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '../../dev/qstash/clock.ts';
import type { System } from '../../src/platform/system.ts';
import type { JobStep } from './faulty-fetch.ts';

/** A step that can fail: the steps of the transport, the commit of a write, and the two effects of a job. */
export type Place = JobStep | 'commit' | 'effect' | 'transaction';

/** The possible faults at a step. */
export const FATES = ['die-before', 'die-after', 'freeze-before', 'freeze-after', 'lost', 'down'] as const;
export type Fate = (typeof FATES)[number];

/** Decides the fault at a step of a job. */
export type Destiny = (place: Place, job: string) => Fate | undefined;

/** One process. */
export interface Mortal {
  state: 'alive' | 'frozen' | 'dead';
  /** Settles when callers of the process receive no answer any more. */
  gone: Promise<void>;
  /** The work under way. */
  doing: Set<Promise<unknown>>;
  system: Pick<System, 'timer'>;
  /** Takes a step, with its destined fault. */
  step<Result>(place: Place, job: string, act: () => Promise<Result>): Promise<Result>;
  /** A step inside a transaction, which a dying process rolls back: throws if its death is destined. */
  endure(place: Place, job: string): void;
  /** Runs work in the process; rejects when the process is gone. */
  serve<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** The surroundings of processes. */
export interface Surroundings {
  clock: Clock;
  destiny: Destiny;
  /** How long a process stays frozen, in ms. */
  frozenMs(): number;
  /** Called for every fault. */
  happened(fate: Fate, place: Place, job: string, process: Mortal): void;
}

/** The connection to a process is gone. */
export const GONE = 'the process is gone';

const never = new Promise<never>(() => {});

/** Starts a process. */
export function startMortal({ clock, destiny, frozenMs, happened }: Surroundings): Mortal {
  let leave = Promise.withResolvers<void>();
  let thaw = Promise.withResolvers<void>();

  function die(): void {
    made.state = 'dead';
    leave.resolve();
  }

  function freeze(): void {
    if (made.state !== 'alive') return;
    made.state = 'frozen';
    leave.resolve();
    clock.at(clock.now() + frozenMs(), async () => {
      if (made.state !== 'frozen') return;
      made.state = 'alive';
      leave = Promise.withResolvers();
      made.gone = leave.promise;
      const thawed = thaw;
      thaw = Promise.withResolvers();
      thawed.resolve();
      // The clock does not move until the process has finished its work, or is gone again.
      await Promise.race([Promise.allSettled(made.doing), made.gone]);
    });
  }

  async function awake(): Promise<void> {
    while (made.state === 'frozen') await thaw.promise;
    if (made.state === 'dead') await never;
  }

  const made: Mortal = {
    state: 'alive',
    gone: leave.promise,
    doing: new Set(),
    system: {
      timer(ms, run) {
        let stopped = false;
        clock.at(clock.now() + ms, () => {
          if (!stopped && made.state === 'alive') run();
        });
        return () => {
          stopped = true;
        };
      },
    },
    async step(place, job, act) {
      await awake();
      const fate = destiny(place, job);
      if (fate !== undefined) happened(fate, place, job, made);
      if (fate === 'down') throw new TypeError('fetch failed');
      if (fate === 'die-before') die();
      if (fate === 'freeze-before') freeze();
      await awake();
      const result = await act();
      if (fate === 'die-after') die();
      if (fate === 'freeze-after') freeze();
      await awake();
      if (fate === 'lost') throw new TypeError('terminated');
      return result;
    },
    endure(place, job) {
      const fate = destiny(place, job);
      if (fate !== 'die-before' && fate !== 'die-after') return;
      happened(fate, place, job, made);
      die();
      throw new Error(GONE);
    },
    async serve(work) {
      const doing = work();
      const settled = doing.then(
        () => {},
        () => {},
      );
      made.doing.add(settled);
      void settled.then(() => made.doing.delete(settled));
      const left = made.gone.then((): never => {
        throw new TypeError(GONE);
      });
      return Promise.race([doing, left]);
    },
  };
  return made;
}

/** A destiny drawn from a seed, with a rate for each fate. */
export function seededDestiny(seed: number, rates: Readonly<Record<Fate, number>>): Destiny {
  const taken = new Map<string, number>();
  return (place, job) => {
    const step = `${place} ${job}`;
    const times = taken.get(step) ?? 0;
    taken.set(step, times + 1);
    let drawn = drawOf(`${seed} ${step} ${times}`);
    for (const fate of FATES) {
      if (drawn < rates[fate]) return fate;
      drawn -= rates[fate];
    }
    return undefined;
  };
}

/** A number in [0, 1) derived from a text. */
export function drawOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32;
}
