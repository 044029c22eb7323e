/** One account: the balance, the entries, and the forms of those who write the ledger. */
import type { z } from '@hono/zod-openapi';
import { ProblemError } from '../../platform/http/index.ts';
import { Fact } from '../../platform/pages/index.ts';
import type { Account, Entry, entryPageSchema, Posted } from '../accounts/schema.ts';
import { at } from './addresses.ts';
import { may, requireRight } from './api.ts';
import { Entries, KINDS, NewEntry } from './entries.tsx';
import { patientPage, readPatient } from './patient-frame.tsx';
import { orRefusal, statusOf } from './refusal.tsx';
import type { Action, Page, Screen, Visit } from './visit.ts';

type EntryPage = z.infer<typeof entryPageSchema>;

const operation = (id: string) => `/care/accounts/${encodeURIComponent(id)}`;

export const accountScreen: Screen = {
  path: at.account(':id'),
  show: (visit) => page(visit),
};

async function page(visit: Visit, problem?: ProblemError): Promise<Page> {
  const { c, api, me, fields } = visit;
  requireRight(me, 'care:billing:entries');
  const token = may(me, 'care:billing:write') ? () => c.var.scope.system.token() : undefined;
  const id = c.req.param('id') ?? '';
  const cursor = c.req.query('cursor');
  const search = new URLSearchParams(cursor ? { cursor } : {});
  const [account, { items, nextCursor }] = await Promise.all([
    api.get<Account>(operation(id)),
    api.get<EntryPage>(`${operation(id)}/entries?${search}`),
  ]);
  const { kind, patientId, insurer, currency, balance, version } = account;
  const content = (
    <>
      <Told {...{ visit, items, currency }} />
      <dl class="facts">
        <Fact name="Balance">
          <strong class="number">{`${balance} ${currency}`}</strong>
        </Fact>
        <Fact name="Entries">{version}</Fact>
      </dl>
      {token && <NewEntry {...{ id, kind, fields, problem }} token={token()} />}
      <Entries {...{ id, items, currency, token }} />
      {nextCursor !== null && (
        <p>
          <a rel="next" href={at.account(id, { cursor: nextCursor })}>
            Older entries
          </a>
        </p>
      )}
    </>
  );
  const shown: Page =
    patientId === null
      ? { title: 'Account', heading: insurer ?? kind, content }
      : patientPage(visit, await readPatient(visit, patientId), 'Accounts', content, patientId);
  return problem ? { ...shown, status: statusOf(problem) } : shown;
}

/** Reports the last posting of the caller, with the way to the account of the insurer that a claim has changed. */
function Told(props: { visit: Visit; items: readonly Entry[]; currency: string }) {
  const { visit, items, currency } = props;
  const { c } = visit;
  const posted = items.find((entry) => entry.id === c.req.query('posted'));
  if (!posted) return null;
  const other = c.req.query('other');
  return (
    <p class="told" role="status">
      {`Posted: ${KINDS[posted.kind]}, ${posted.amount} ${currency}. The balance after it is ${posted.balance} ${currency}. `}
      {other && <a href={at.account(other)}>The account of the insurer</a>}
    </p>
  );
}

export const postEntry: Action = {
  path: at.account(':id'),
  async act(visit) {
    const id = visit.c.req.param('id') ?? '';
    const { kind = '', amount = '', insurer = '', memo = '', key } = visit.fields;
    const entry = {
      ...{ kind, amount: amount.trim() },
      ...(insurer.trim() === '' ? {} : { insurer: insurer.trim() }),
      ...(memo.trim() === '' ? {} : { memo }),
    };
    const posted = await orRefusal(['NOT_POSTABLE'], () =>
      visit.api.post<Posted>(`${operation(id)}/entries`, entry, key),
    );
    if (posted instanceof ProblemError) return page(visit, posted);
    const other = kind === 'claim' ? posted.accounts.find((account) => account.id !== id)?.id : undefined;
    return at.account(id, { posted: posted.id, ...(other === undefined ? {} : { other }) });
  },
};

export const reverseEntry: Action = {
  path: `${at.account(':id')}/entries/:transactionId/reverse`,
  async act({ c, api, fields: { memo = '', key } }) {
    const { id = '', transactionId = '' } = c.req.param() as Record<string, string | undefined>;
    const path = `/care/ledger/${encodeURIComponent(transactionId)}/reverse`;
    const { id: posted } = await api.post<Posted>(path, memo.trim() === '' ? {} : { memo }, key);
    return at.account(id, { posted });
  },
};
