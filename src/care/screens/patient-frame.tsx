/** The frame of the pages of one patient: who it is, and the parts that the caller may open. */
import type { Child } from 'hono/jsx';
import type { Patient } from '../patients/schema.ts';
import { at } from './addresses.ts';
import { may } from './api.ts';
import { initials } from './show.tsx';
import type { Page, Visit } from './visit.ts';

/** A part of a patient's page. */
export type Part =
  | 'Data'
  | 'Visit'
  | 'New visit'
  | 'Records'
  | 'Consents'
  | 'Team'
  | 'Accounts'
  | 'Exports'
  | 'Accesses';

/** Returns the id in the address of a patient's page. */
export function patientId({ c }: Visit): string {
  return c.req.param('id') ?? '';
}

/** Asks who the patient is; `null` for a caller who may not know. */
export async function readPatient({ api, me }: Visit, id: string): Promise<Patient | null> {
  return may(me, 'care:patients:read') ? api.get<Patient>(`/care/patients/${encodeURIComponent(id)}`) : null;
}

/** Puts a part into the frame. `id` is the patient's, if the address has the id of another row. */
export function patientPage(
  visit: Visit,
  patient: Patient | null,
  part: Part,
  content: Child,
  id = patientId(visit),
): Page {
  return {
    // Titles are in the history of browsers: they name no patient.
    title: part === 'Data' ? 'Patient' : `${part} of a patient`,
    heading: patient ? <Banner patient={patient} now={visit.now} /> : <>Patient {id}</>,
    content: (
      <>
        <nav class="tabs" aria-label="Parts of the patient’s page">
          <ul>
            {partsOf(visit, id).map(([name, href]) => (
              <li>
                <a href={href} {...(name === part ? { 'aria-current': 'page' } : {})}>
                  {name}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        {content}
      </>
    ),
  };
}

function partsOf({ me }: Visit, id: string): (readonly [Part, string])[] {
  return [
    ...(may(me, 'care:patients:read') ? [['Data', at.patient(id)] as const] : []),
    ...(may(me, 'care:flow:write') ? [['New visit', at.booking(id)] as const] : []),
    ...(may(me, 'care:records:read') ? [['Records', at.records(id)] as const] : []),
    ...(may(me, 'care:records:all') ? [['Exports', at.exports(id)] as const] : []),
    ...(may(me, 'care:patients:write') ? [['Consents', at.consents(id)] as const, ['Team', at.team(id)] as const] : []),
    ...(may(me, 'care:billing:read') ? [['Accounts', at.accounts(id)] as const] : []),
    ...(may(me, 'care:audit:read') ? [['Accesses', at.accesses(id)] as const] : []),
  ];
}

function Banner({ patient: { name, number, birth }, now }: { patient: Patient; now: number }) {
  return (
    <span class="banner">
      <span class="initials" aria-hidden="true">
        {initials(name)}
      </span>
      <span>
        {name} <small>{`${number} · born ${birth} · ${ageOf(birth, now)} years`}</small>
      </span>
    </span>
  );
}

/** Returns the age in whole years. `now` is in ms since the epoch. */
export function ageOf(birth: string, now: number): number {
  const today = new Date(now).toISOString();
  const years = Number(today.slice(0, 4)) - Number(birth.slice(0, 4));
  return today.slice(5, 10) < birth.slice(5, 10) ? years - 1 : years;
}
