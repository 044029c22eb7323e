/** The window of time that the numbers of a page count: the address carries it. */
import type { Context } from 'hono';
import type { AppEnv } from '../../platform/http/index.ts';

/** The windows to choose from, and their names in sentences. */
const SPANS = { '5m': 'the last 5 minutes', '1h': 'the last hour', '24h': 'the last 24 hours', today: 'today (UTC)' };

/** A window that a page can show. */
export type Span = keyof typeof SPANS;

/** Reads the window from the address; by default the last hour. */
export function spanOf(c: Context<AppEnv>): Span {
  const asked = c.req.query('window');
  return asked !== undefined && Object.hasOwn(SPANS, asked) ? (asked as Span) : '1h';
}

/** Returns the window as part of a sentence. */
export function spanInWords(span: Span): string {
  return SPANS[span];
}

/** Links to the same page with another window. */
export function Spans({ path, chosen }: { path: string; chosen: Span }) {
  return (
    <ul class="spans" aria-label="Window of the numbers">
      {(Object.keys(SPANS) as Span[]).map((span) => (
        <li>
          <a href={`${path}?window=${span}`} {...(span === chosen ? { 'aria-current': 'true' } : {})}>
            {SPANS[span]}
          </a>
        </li>
      ))}
    </ul>
  );
}
