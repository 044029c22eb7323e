/** Checks QStash: the token, and the signing keys. */
import { z } from 'zod';
import { type Finding, PATIENCE_MS, reasonOf, type Variables } from './finding.ts';

const keysSchema = z.object({ current: z.string(), next: z.string() });
type SigningKeys = z.output<typeof keysSchema>;

const COPY_KEYS = 'Copy QSTASH_CURRENT_SIGNING_KEY and QSTASH_NEXT_SIGNING_KEY from QStash’s console, and deploy';

/** Checks the QStash of the variables. 1 request. */
export async function checkQstash(variables: Variables): Promise<Finding[]> {
  const { QSTASH_URL: url = 'https://qstash.upstash.io', QSTASH_TOKEN: token } = variables;
  if (!token || !URL.canParse(url)) return [];
  try {
    const answer = await fetch(new URL('/v2/keys', url), {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (answer.status === 401 || answer.status === 403) {
      return [failed('refuses the token', 'Copy QSTASH_TOKEN from QStash’s console, of the same region as QSTASH_URL')];
    }
    if (!answer.ok) return [failed(`answers with ${answer.status}`, 'Check QSTASH_URL')];
    const keys = keysSchema.safeParse(await answer.json());
    if (!keys.success) return [failed('does not tell its signing keys', 'Check QSTASH_URL')];
    return [{ part: 'qstash', outcome: 'ok', text: 'accepts the token' }, keysFinding(keys.data, variables)];
  } catch (error) {
    return [failed(reasonOf(error), 'Check QSTASH_URL')];
  }
}

/** A delivery is accepted if its signature belongs to one of the two variables. */
function keysFinding(keys: SigningKeys, variables: Variables): Finding {
  const { QSTASH_CURRENT_SIGNING_KEY: current, QSTASH_NEXT_SIGNING_KEY: next } = variables;
  if (keys.current !== current && keys.current !== next) {
    return failed('signs with a key that the variables do not have: every delivery would be refused', COPY_KEYS);
  }
  if (keys.current === current && keys.next === next) {
    return { part: 'qstash', outcome: 'ok', text: 'signs with the keys of the variables' };
  }
  const text = 'its signing keys were rotated: after the next rotation every delivery would be refused';
  return { part: 'qstash', outcome: 'warning', text, cure: COPY_KEYS };
}

function failed(text: string, cure: string): Finding {
  return { part: 'qstash', outcome: 'failed', text, cure };
}
