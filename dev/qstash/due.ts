/** The moment at which a message is due, with the faults that change this moment: `delay` and `reorder`. */
import type { Emulator } from './emulator.ts';
import type { Message } from './message.ts';

const A_SECOND_MS = 1_000;

/** Dispatches a message that is due: at once, or after the time of a fault. */
export function becomeDue(emulator: Emulator, message: Message, dispatch: (message: Message) => void): void {
  const { state, clock, faults } = emulator;
  const late = faults.happens('delay', message.url);
  if (late !== undefined) {
    clock.at(clock.now() + (late.ms ?? A_SECOND_MS), () => dispatch(message));
    return;
  }
  const heldBack = state.heldBack;
  const hold = heldBack === undefined ? faults.happens('reorder', message.url) : undefined;
  if (hold !== undefined) {
    state.heldBack = message;
    clock.at(clock.now() + (hold.ms ?? A_SECOND_MS), () => letGo(emulator, message, dispatch));
    return;
  }
  dispatch(message);
  if (heldBack !== undefined) letGo(emulator, heldBack, dispatch);
}

/** Releases the message that the reorder fault held back. */
function letGo({ state }: Emulator, message: Message, dispatch: (message: Message) => void): void {
  if (state.heldBack !== message) return;
  state.heldBack = undefined;
  dispatch(message);
}
