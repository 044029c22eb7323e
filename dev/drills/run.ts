/** Runs a drill: makes the facts, breaks, asks, mends, and compares each fact with its expected word. */
import type { Drill, Report } from './drill.ts';
import type { Fact } from './fact.ts';
import { type FactName, facts } from './facts.ts';
import { type Engines, openWorld } from './world.ts';

type Words = Readonly<Record<string, string>>;

const healthyWords = (of: Readonly<Record<string, Fact>>): Words =>
  Object.fromEntries(Object.entries(of).map(([name, { healthy }]) => [name, healthy]));

/** The words of a healthy day, by fact. */
export const HEALTHY = healthyWords(facts) as Readonly<Record<FactName, string>>;

/** Returns the names whose words differ, or that only one side has. */
export function differencesOf(found: Words, expected: Words): string[] {
  const names = [...new Set([...Object.keys(found), ...Object.keys(expected)])];
  return names.filter((name) => found[name] !== expected[name]);
}

/**
 * Runs a drill in a world of its own on these servers.
 * @throws the error of a step that does not work at all.
 */
export async function runDrill(drill: Drill, engines: Engines): Promise<Report> {
  const world = await openWorld(engines);
  try {
    const looks: [string, () => Promise<string>][] = [];
    for (const [name, fact] of Object.entries<Fact>({ ...facts, ...drill.facts }))
      looks.push([name, await fact.make(world)]);
    const [clock, wall] = [world.clock.now(), performance.now()];
    await drill.breaks(world);
    const found: Record<string, string> = { ...(await drill.asks?.(world)) };
    await drill.mends?.(world);
    const rto = { clockMs: world.clock.now() - clock, wallMs: Math.round(performance.now() - wall) };
    for (const [name, look] of looks) found[name] = await look();
    const expected: Record<string, string> = {
      ...drill.during,
      ...HEALTHY,
      ...healthyWords(drill.facts ?? {}),
      ...drill.expected,
    };
    return { name: drill.name, found, expected, differences: differencesOf(found, expected), rto };
  } finally {
    await world.close();
  }
}
