/**
 * Joins the MGETs of one turn of the event loop into one MGET, which Redis bills and answers as one command. Such MGETs
 * come from different modules: one reads a session's epochs, others read cached entries and their versions. Only reads
 * may come between two joined MGETs, so that each MGET still sees the writes of earlier commands.
 */
import { isRead } from './commands.ts';

/** A command as @upstash/redis serialises it: the name first. */
export type Command = readonly unknown[];

/** A reply of the REST protocol. */
export type Reply = { result: unknown; error?: undefined } | { error: string; result?: undefined };

/** The commands to send, and a function that turns their replies into the replies of the original commands. */
export interface Joined {
  commands: Command[];
  /** Returns the replies of the original commands, in their order. */
  split(replies: readonly Reply[]): Reply[];
}

/**
 * The place of an original MGET's values: the values `from` to `to` in the reply of the sent command with the index
 * `sent`.
 */
interface Place {
  sent: number;
  from: number;
  to: number;
}

/** Joins MGETs where possible, and keeps the order of the commands. */
export function joinReads(asked: readonly Command[]): Joined {
  const commands: unknown[][] = [];
  const places: (Place | { sent: number })[] = [];
  /** The MGET that may still take more keys. */
  let open: { sent: number; command: unknown[] } | undefined;
  for (const command of asked) {
    const name = String(command[0] ?? '').toUpperCase();
    if (name === 'MGET' && open) {
      const from = open.command.length - 1;
      open.command.push(...command.slice(1));
      places.push({ sent: open.sent, from, to: open.command.length - 1 });
      continue;
    }
    const copy = [...command];
    places.push(
      name === 'MGET' ? { sent: commands.length, from: 0, to: command.length - 1 } : { sent: commands.length },
    );
    if (name === 'MGET') open = { sent: commands.length, command: copy };
    else if (!isRead(name)) open = undefined;
    commands.push(copy);
  }

  return {
    commands,
    split: (replies) =>
      places.map((place) => {
        const reply = replies[place.sent];
        if (!reply) throw new TypeError('There are fewer replies than commands');
        if (!('from' in place) || !Array.isArray(reply.result)) return reply;
        return { result: reply.result.slice(place.from, place.to) };
      }),
  };
}
