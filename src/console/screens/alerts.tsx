/** Alerts: their states, their latest changes and their silences. Only for operators. Nothing here is read from Redis. */
import { endSilenceNow, readAlerts, readChanges, silenceAlert } from '../../platform/alerts/index.ts';
import { invalidField, notFound } from '../../platform/http/index.ts';
import { ActionButton, Hidden, Table } from '../../platform/pages/index.ts';
import { operatorsOnly } from '../../platform/rest/index.ts';
import { thisPage } from '../outcome.ts';
import { Badge, Moment } from '../parts/show.tsx';
import type { Action, Screen } from '../screen.ts';

/** The silences to choose from, in minutes. */
const MINUTES = { '60': '1 hour', '480': '8 hours', '1440': '1 day', '10080': '7 days' };
const HISTORY = 20;

export const screen: Screen = {
  title: 'Alerts',
  open: () => async (visit) => {
    operatorsOnly(visit);
    const { c, scope, parts, now, mayAct } = visit;
    const [{ items, silences }, changes] = await Promise.all([
      readAlerts(scope, parts.alerts),
      readChanges(scope.store, HISTORY),
    ]);
    const back = thisPage(c.req.url);
    return (
      <>
        <Table caption="Alerts" columns={['Alert', 'State', 'Since', 'Value', 'Fires', 'Severity']}>
          {items.map(({ name, summary, severity, state, since, value, limit, silenced }) => (
            <tr>
              <th scope="row">
                {name}
                <span class="about">{summary}</span>
              </th>
              <td>
                <Badge state={state} /> {silenced && <Badge state="silenced" />}
              </td>
              <td>
                <Moment at={since} now={now} />
              </td>
              <td>{value}</td>
              <td>{limit}</td>
              <td>{severity}</td>
            </tr>
          ))}
        </Table>
        {mayAct && <SilenceForm names={items.map(({ name }) => name)} back={back} />}
        {silences.length > 0 && (
          <Table caption="Silences" columns={['Silence of', 'Reason', 'Ends', mayAct && 'Actions']}>
            {silences.map(({ id, name, reason, endsAt }) => (
              <tr>
                <th scope="row">{name === '*' ? 'every alert' : name}</th>
                <td class="wide">{reason}</td>
                <td>
                  <Moment at={endsAt} now={now} />
                </td>
                {mayAct && (
                  <td>
                    <ActionButton
                      action={`/console/alerts/silences/${id}/end`}
                      back={back}
                      text="End"
                      about={`the silence of ${name}`}
                    />
                  </td>
                )}
              </tr>
            ))}
          </Table>
        )}
        <section>
          <h2>Latest changes</h2>
          {changes.length === 0 && <p>No alert has fired.</p>}
          <ol class="timeline">
            {changes.map(({ name, change, at }) => (
              <li>
                <Badge state={change} /> {name}, <Moment at={at} now={now} />
              </li>
            ))}
          </ol>
        </section>
      </>
    );
  },
};

function SilenceForm({ names, back }: { names: readonly string[]; back: string }) {
  return (
    <section>
      <h2>Silence an alert</h2>
      <form method="post" action="/console/alerts/silence" class="filters">
        <Hidden fields={{ back }} />
        <label>
          Alert
          <select name="name">
            {names.map((name) => (
              <option value={name}>{name}</option>
            ))}
          </select>
        </label>
        <label>
          For
          <select name="minutes">
            {Object.entries(MINUTES).map(([minutes, text]) => (
              <option value={minutes}>{text}</option>
            ))}
          </select>
        </label>
        <label>
          Reason
          <input name="reason" required maxlength={500} autocomplete="off" />
        </label>
        <button type="submit">Silence 1 alert</button>
      </form>
    </section>
  );
}

export const silence: Action = async (visit, { name = '', minutes = '', reason = '' }) => {
  if (!visit.parts.alerts.some((alert) => alert.name === name)) throw notFound('alert');
  if (!Object.hasOwn(MINUTES, minutes)) throw invalidField('minutes', 'must be one of the choices');
  const text = reason.trim();
  if (text === '' || text.length > 500 || /\p{Cc}/u.test(text)) {
    throw invalidField('reason', 'must be a line of 1 to 500 characters');
  }
  await silenceAlert(visit, { name, minutes: Number(minutes), reason: text });
  return { done: 'silenced' };
};

export const end: Action = async (visit) => {
  await endSilenceNow(visit, visit.c.req.param('id') ?? '');
  return { done: 'silence-ended' };
};
