/** Finds the keys of some natures with SCAN. */
import { type Nature, natureOf } from '../../src/platform/redis/nature.ts';
import type { Ask } from '../saved/keys.ts';

/** Yields the keys of these natures, batch by batch. A key that exists during the whole scan is found; some come twice. */
export async function* scanNatures(ask: Ask, natures: readonly Nature[]): AsyncGenerator<string[]> {
  let cursor = '0';
  do {
    const [next, found] = (await ask('SCAN', cursor, 'MATCH', 'hf:*', 'COUNT', '1000')) as [Buffer, Buffer[]];
    cursor = next.toString();
    const keys = found.map(String).filter((key) => {
      const nature = natureOf(key);
      return nature !== undefined && natures.includes(nature);
    });
    if (keys.length > 0) yield keys;
  } while (cursor !== '0');
}
