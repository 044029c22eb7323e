/** Sends the waiting messages. Each message is taken with a row lock and has a time limit; failures are repeated. */
import type { Log } from '../log.ts';
import type { SqlStore } from '../sql/index.ts';
import { type ChannelScope, channelsOf } from './channels.ts';
import { type AlertMessage, deleteMessage, postponeMessage, takeMessages } from './messages-table.ts';

/** The time limit of one message, in ms. */
const SEND_LIMIT_MS = 5_000;
/** The time in which no other sender takes a message: the sum of the limits of all messages of one round, in ms. */
const TAKEN_MS = 60_000;
/** The maximum number of messages of one round; they are sent at the same time. */
const ROUND = 20;
/** The age at which a message is dropped, in ms. A firing alert gets a new message before that age. */
const DROPPED_AFTER_MS = 24 * 3_600_000;
const LONGEST_WAIT_MS = 15 * 60_000;

type DeliverScope = ChannelScope & { readonly log: Log; readonly store: SqlStore };

/** Sends due messages. 1 statement, and 1 for each message. Returns the number of sent messages. */
export async function deliver(scope: DeliverScope): Promise<number> {
  const { store, system } = scope;
  const at = system.now();
  const messages = await takeMessages(store, { at, until: at + TAKEN_MS, limit: ROUND });
  const sent = await Promise.all(messages.map((message) => sendOne(scope, message)));
  return sent.filter(Boolean).length;
}

async function sendOne(scope: DeliverScope, message: AlertMessage): Promise<boolean> {
  const { store, system, log } = scope;
  const { id, channel, attempts, createdAt } = message;
  const send = channelsOf(scope.environment).get(channel);
  if (!send) {
    // The settings no longer configure this channel.
    await deleteMessage(store, id);
    return false;
  }
  const controller = new AbortController();
  const late = Promise.withResolvers<never>();
  const stop = system.timer(SEND_LIMIT_MS, () => {
    controller.abort();
    late.reject(new Error(`The channel did not answer within ${SEND_LIMIT_MS} ms`));
  });
  try {
    await Promise.race([send(scope, message, controller.signal), late.promise]);
    await deleteMessage(store, id);
    return true;
  } catch (error) {
    const isDropped = system.now() - createdAt >= DROPPED_AFTER_MS;
    log.error('alerts.not_sent', { channel: channel.replace(/:.*/, ''), attempts, isDropped, error });
    if (isDropped) await deleteMessage(store, id);
    else await postponeMessage(store, id, system.now() + Math.min(60_000 * 2 ** (attempts - 1), LONGEST_WAIT_MS));
    return false;
  } finally {
    stop();
  }
}
