/**
 * Sends mail through Resend's API or a compatible API (https://resend.com/docs/api-reference/emails/send-email). A
 * mail is retried once, and only with an idempotency key: otherwise a lost answer could lead to two mails.
 */
import { type Duration, milliseconds, readRetryAfter } from '../duration.ts';
import { type Circuit, OutboundError } from '../outbound/index.ts';
import type { System } from '../system.ts';
import { addressForMail } from '../text/index.ts';
import { MailError } from './errors.ts';
import { checkMail, checkSender, type Mail } from './message.ts';

/** The provider, the sender and the services of a mailer. */
export interface MailerOptions {
  /** Base URL of the API. */
  url: string;
  /** Bearer token of the API. */
  token: string;
  /** The sender: an address, or `Name <address>`. */
  from: string;
  circuit: Circuit;
  system: Pick<System, 'now' | 'random' | 'sleep'>;
  fetch?: typeof fetch;
  /** The time limit of one attempt. Default 5 s; a mail with a retry may take a little more than twice the limit. */
  timeout?: Duration;
}

/** Sends mail. */
export interface Mailer {
  /**
   * Sends a mail and returns the provider's id of the mail. 1 HTTP request; 2 if the first request failed and the
   * mail has an idempotency key. {@link Circuit.call} describes the requests to Redis.
   * @throws {MailError} see {@link MailErrorCode}. If the code is not `MAIL_UNAVAILABLE`, the mail was not sent.
   */
  send(mail: Mail): Promise<{ id: string }>;
}

/** The answer of a provider that did not fail. */
interface Answer {
  status: number;
  retryAfterMs: number | undefined;
  id: string | undefined;
  reason: string | undefined;
}

const RETRY_AFTER_MS = 250;

/**
 * Creates a mailer for one scope.
 * @throws {MailError} `MAIL_INVALID` if `from` is not a sender.
 */
export function createMailer(options: MailerOptions): Mailer {
  const { url, token, from, circuit, system } = options;
  const post = options.fetch ?? fetch;
  const endpoint = `${url.replace(/\/+$/, '')}/emails`;
  const timeout = milliseconds(options.timeout ?? '5s');
  checkSender(from);

  function attempt(body: string, idempotencyKey: string | undefined): Promise<Answer> {
    const headers: Record<string, string> = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey;
    return circuit.call(
      async (signal) => {
        // A redirect is not followed, because the token would be sent to the new address.
        const response = await post(endpoint, { method: 'POST', headers, body, signal, redirect: 'manual' });
        return readAnswer(response, system.now());
      },
      { timeout },
    );
  }

  async function deliver(body: string, idempotencyKey: string | undefined): Promise<Answer> {
    try {
      return await attempt(body, idempotencyKey);
    } catch (error) {
      const another = error instanceof OutboundError && error.code !== 'OUTBOUND_OPEN' && idempotencyKey !== undefined;
      if (!another) throw error;
      await system.sleep(RETRY_AFTER_MS * (0.5 + system.random()));
      return attempt(body, idempotencyKey);
    }
  }

  return {
    async send(mail) {
      checkMail(mail);
      const { to, subject, text, html, idempotencyKey } = mail;
      const body = JSON.stringify({ from, to: [addressForMail(to)], subject, text, html });
      const answer = await deliver(body, idempotencyKey).catch((error: unknown) => {
        if (!(error instanceof OutboundError)) throw error;
        const { status, retryAfterMs } = error;
        throw new MailError('MAIL_UNAVAILABLE', `The mail may not have been sent: ${error.message}`, {
          status,
          retryAfterMs,
        });
      });
      if (answer.id === undefined) throw refusal(answer);
      return { id: answer.id };
    },
  };
}

/**
 * Reads the provider's answer.
 * @throws {OutboundError} if the provider failed, or its answer cannot be understood.
 */
async function readAnswer(response: Response, now: number): Promise<Answer> {
  const { status } = response;
  if (status >= 500) {
    await response.body?.cancel();
    const retryAfterMs = readRetryAfter(response.headers.get('retry-after'), now);
    throw new OutboundError('OUTBOUND_FAILED', `The mail provider answered HTTP ${status}`, { status, retryAfterMs });
  }
  const { id, name } = parseObject(await response.text());
  if (response.ok && typeof id !== 'string') {
    throw new OutboundError('OUTBOUND_FAILED', 'The mail provider answered without the id of a mail', { status });
  }
  return {
    status,
    retryAfterMs: readRetryAfter(response.headers.get('retry-after'), now),
    id: response.ok && typeof id === 'string' ? id : undefined,
    // The provider also sends a message, which is left out because the message may quote the address.
    reason: typeof name === 'string' && /^[a-z_]{1,60}$/.test(name) ? name : undefined,
  };
}

/** Returns the error for a refusal of the provider (https://resend.com/docs/api-reference/errors). */
function refusal({ status, reason, retryAfterMs }: Answer): MailError {
  const details = { status, reason, retryAfterMs };
  const said = `HTTP ${status}${reason === undefined ? '' : ` ${reason}`}`;
  if (status === 429) return new MailError('MAIL_THROTTLED', `The mail was not sent: ${said}`, details);
  if (status === 401 || status === 403) {
    return new MailError(
      'MAIL_UNAUTHORIZED',
      `The mail was not sent; check MAIL_TOKEN and MAIL_FROM: ${said}`,
      details,
    );
  }
  if (status === 409 && reason === 'concurrent_idempotent_requests') {
    return new MailError('MAIL_UNAVAILABLE', `The mail is being sent by another request: ${said}`, details);
  }
  return new MailError('MAIL_REFUSED', `The mail was not sent: ${said}`, details);
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
