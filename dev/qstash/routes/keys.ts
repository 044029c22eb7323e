/** Signing keys: list, rotate. A rotation makes the next key the current key, and creates a new next key. */
import type { Emulator } from '../emulator.ts';
import { type ApiAnswer, ok, route } from './router.ts';

export const keyRoutes = [
  route('GET', '/v2/keys', ({ state }) => ok(state.keys)),
  route('POST', '/v2/keys/rotate', rotate),
];

function rotate({ state, ids }: Emulator): ApiAnswer {
  state.keys = { current: state.keys.next, next: `sig_${ids().replaceAll('-', '')}` };
  return ok(state.keys);
}
