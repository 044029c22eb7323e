/** The steps of a connection of `GET /feeds` at which events are published, and the messages that get lost meanwhile. */

/** The steps: before the subscription, after its confirmation, after the streams were read, and behind `hello`. */
export const STEPS = ['before', 'subscribed', 'read', 'live'] as const;
export type Step = (typeof STEPS)[number];

/** All placements of three events in the steps, in order. */
export const PLACEMENTS: readonly [Step, Step, Step][] = STEPS.flatMap((one, at) =>
  STEPS.slice(at).flatMap((two, next) => STEPS.slice(at + next).map((three): [Step, Step, Step] => [one, two, three])),
);

/** The messages of the events 1, 2 and 3 that arrive. */
export const LOSSES: readonly [what: string, arrives: (n: number) => boolean][] = [
  ['every message arrives', () => true],
  ['every message is lost', () => false],
  ['the message of the first event is lost', (n) => n !== 1],
];
