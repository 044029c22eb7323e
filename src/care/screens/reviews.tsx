/** The accesses in emergencies, for their reviewers: the reason, the time left, and the judgement. */

import type { z } from '@hono/zod-openapi';
import { Fact, Hidden } from '../../platform/pages/index.ts';
import type { emergencyPageSchema } from '../break-glass/schema.ts';
import { at } from './addresses.ts';
import { namesOf } from './facts.ts';
import { Badge, minutes, Stamp } from './show.tsx';
import type { Action, Screen } from './visit.ts';

type Emergencies = z.infer<typeof emergencyPageSchema>;
type Reviewed = Emergencies['items'][number];

/** The filters of the list. */
const STATES = [
  ['waiting', 'To review'],
  ['reviewed', 'Reviewed'],
] as const;

export const emergenciesScreen: Screen = {
  path: at.emergencies(),
  async show(visit) {
    const { c, api, me, now } = visit;
    const state = c.req.query('state') === 'reviewed' ? 'reviewed' : 'waiting';
    const cursor = c.req.query('cursor');
    const search = new URLSearchParams({ state, limit: '20', ...(cursor ? { cursor } : {}) });
    const { items, nextCursor } = await api.get<Emergencies>(`/care/break-glass?${search}`);
    const nameOf = await namesOf(
      visit,
      items.flatMap(({ userId, confirmedBy, reviewedBy }) => [userId, confirmedBy, reviewedBy]),
    );
    return {
      title: 'Accesses in emergencies',
      content: (
        <>
          <nav class="tabs" aria-label="States">
            <ul>
              {STATES.map(([each, text]) => (
                <li>
                  <a href={at.emergencies({ state: each })} {...(each === state ? { 'aria-current': 'page' } : {})}>
                    {text}
                  </a>
                </li>
              ))}
            </ul>
          </nav>
          {items.length === 0 && <p class="empty">{state === 'waiting' ? 'No access waits for a review.' : 'None.'}</p>}
          <ul class="reviews">
            {items.map((item) => (
              <Review item={item} now={now} nameOf={nameOf} isOwn={item.userId === me.userId} />
            ))}
          </ul>
          {nextCursor !== null && (
            <p>
              <a rel="next" href={at.emergencies({ state, cursor: nextCursor })}>
                Older accesses
              </a>
            </p>
          )}
        </>
      ),
    };
  },
};

function Review(props: { item: Reviewed; now: number; nameOf(id: string | null): string; isOwn: boolean }) {
  const { item, now, nameOf, isOwn } = props;
  const { id, userId, patientId, recordClass, startedAt, reason, reviewBy, verdict, reviewedBy, confirmedBy } = item;
  const left = Date.parse(reviewBy) - now;
  return (
    <li class="panel" id={id}>
      <h2>
        {nameOf(userId)} {item.isOpen && <Badge state="open" text="open now" />}{' '}
        {recordClass === 'restricted' && <Badge state="restricted" />}{' '}
        {verdict === null ? (
          <Badge state={left < 0 ? 'late' : 'waiting'} text={left < 0 ? 'late' : `${minutes(left)} left`} />
        ) : (
          <Badge state={verdict} />
        )}
      </h2>
      <blockquote>{reason}</blockquote>
      <dl class="facts plain">
        <Fact name="Started">
          <Stamp at={startedAt} />
        </Fact>
        <Fact name="Patient">
          <a href={at.accesses(patientId)}>{patientId}</a>
        </Fact>
        {confirmedBy !== null && <Fact name="Confirmed by">{nameOf(confirmedBy)}</Fact>}
        {reviewedBy !== null && <Fact name="Reviewed by">{nameOf(reviewedBy)}</Fact>}
      </dl>
      {verdict === null && !isOwn && (
        <div class="buttons">
          <Verdict {...{ id, verdict: 'justified', about: nameOf(userId) }} />
          <Verdict {...{ id, verdict: 'unjustified', about: nameOf(userId) }} />
        </div>
      )}
    </li>
  );
}

function Verdict({ id, verdict, about }: { id: string; verdict: 'justified' | 'unjustified'; about: string }) {
  const isGood = verdict === 'justified';
  return (
    <form method="post" action={`${at.emergencies()}/${id}/review`}>
      <Hidden fields={{ verdict, back: at.emergencies() }} />
      <button
        type="submit"
        class={isGood ? 'usual' : 'danger'}
        aria-label={`${isGood ? 'Justified' : 'Unjustified'}: ${about}`}
      >
        {isGood ? 'Justified' : 'Unjustified'}
      </button>
    </form>
  );
}

export const reviewEmergency: Action = {
  path: `${at.emergencies()}/:id/review`,
  async act({ c, api, fields: { verdict } }) {
    await api.post(`/care/break-glass/${encodeURIComponent(c.req.param('id') ?? '')}/review`, { verdict });
    return at.emergencies();
  },
};
