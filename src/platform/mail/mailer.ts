/**
 * Sends mail through Resend's API or a compatible one (https://resend.com/docs/api-reference/emails/send-email). One
 * retry, and only under an idempotency key: otherwise a lost answer could lead to two mails.
 */
import { type Duration, milliseconds } from '../duration.ts';
import { type Circuit, OutboundError } from '../outbound/index.ts';
import type { System } from '../system.ts';
import { MailError } from './errors.ts';
import { checkMail, checkSender, type Mail } from './message.ts';

/** How mail leaves. */
export interface MailerOptions {
  /** Base URL of the API. */
  url: string;
  /** Bearer token of the API. */
  token: string;
  /** An address, or `Name <address>`. */
  from: string;
  circuit: Circuit;
  system: Pick<System, 'random' | 'sleep'>;
  fetch?: typeof fetch;
  /** Time limit of one attempt. Default 5 s; with its retry a message may take a little more than twice that. */
  timeout?: Duration;
}

/** Sends mail. */
export interface Mailer {
  /**
   * Sends a message, and tells the provider's id of it. One HTTP request, two if the first failed and the message has
   * an idempotency key; for Redis see {@link Circuit.call}.
   * @throws {MailError} see {@link MailErrorCode}: for all but `MAIL_UNAVAILABLE` it is certain that nothing was sent.
   */
  send(mail: Mail): Promise<{ id: string }>;
}

/** An answer that is no failure of the provider. */
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
        // A redirect is not followed: it would take the token along.
        const response = await post(endpoint, { method: 'POST', headers, body, signal, redirect: 'manual' });
        return readAnswer(response);
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
      const body = JSON.stringify({ from, to: [to], subject, text, html });
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
 * Reads what the provider says.
 * @throws {OutboundError} if it says that it failed, or nothing that makes sense.
 */
async function readAnswer(response: Response): Promise<Answer> {
  const { status } = response;
  if (status >= 500) {
    await response.body?.cancel();
    throw new OutboundError('OUTBOUND_FAILED', `The mail provider answered HTTP ${status}`, { status });
  }
  const { id, name } = parseObject(await response.text());
  if (response.ok && typeof id !== 'string') {
    throw new OutboundError('OUTBOUND_FAILED', 'The mail provider answered without the id of a mail', { status });
  }
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return {
    status,
    retryAfterMs: Number.isFinite(seconds) ? Math.max(0, seconds) * 1000 : undefined,
    id: response.ok && typeof id === 'string' ? id : undefined,
    // Beside a name the provider sends a message, which may quote the address.
    reason: typeof name === 'string' && /^[a-z_]{1,60}$/.test(name) ? name : undefined,
  };
}

/** The meaning of a refusal for the caller (https://resend.com/docs/api-reference/errors). */
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
