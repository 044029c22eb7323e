/** Undelivered messages: look up a message, cancel one message or several. */
import { describeMessage } from '../describe-message.ts';
import { cancel } from '../dispatch.ts';
import type { Emulator } from '../emulator.ts';
import { readCount, readFilter, valuesOf } from '../filters.ts';
import type { Message } from '../message.ts';
import { type ApiAnswer, type ApiRequest, notFound, ok, route } from './router.ts';

export const messageRoutes = [
  route('GET', '/v2/messages/:id', (emulator, _request, messageId) =>
    ok(describeMessage(wanted(emulator, messageId) ?? notFound(`message ${messageId}`))),
  ),
  route('DELETE', '/v2/messages/:id', cancelOne),
  route('DELETE', '/v2/messages', cancelMany),
];

/** Returns a message; undefined if the message is missing or its cancellation was requested. */
function wanted({ state }: Emulator, messageId: string): Message | undefined {
  const message = state.messages.get(messageId);
  return message?.cancelRequested ? undefined : message;
}

function cancelOne(emulator: Emulator, _request: ApiRequest, messageId: string): ApiAnswer {
  cancel(emulator, wanted(emulator, messageId) ?? notFound(`message ${messageId}`));
  return ok({ cancelled: 1 }, 202);
}

/**
 * Cancels the messages with the given ids. Without ids, cancels the messages that match the filters; without filters,
 * all messages. `count` must be a number but has no effect: the SDK always sends 100, although its documentation says
 * that one request cancels all matching messages.
 */
function cancelMany(emulator: Emulator, { query }: ApiRequest): ApiAnswer {
  const ids = valuesOf(query, 'messageIds');
  const filter = readFilter(query, 'messages');
  readCount(query, Number.POSITIVE_INFINITY);
  const found =
    ids === undefined
      ? [...emulator.state.messages.values()].filter(
          (message) => !message.cancelRequested && filter({ message, time: message.createdAt }),
        )
      : [...ids].map((id) => wanted(emulator, id)).filter((message) => message !== undefined);
  for (const message of found) cancel(emulator, message);
  return ok({ cancelled: found.length }, 202);
}
