/** An entry of the audit trail as an AuditEvent of FHIR R4 (https://hl7.org/fhir/R4/auditevent.html). */
import type { AuditEntry } from './entries-table.ts';

/** Codes of FHIR for the verbs of actions: create, read, update, delete. Other verbs execute (`E`). */
const ACTIONS: Readonly<Record<string, 'C' | 'R' | 'U' | 'D'>> = {
  created: 'C',
  added: 'C',
  read: 'R',
  searched: 'R',
  exported: 'R',
  changed: 'U',
  updated: 'U',
  renamed: 'U',
  deleted: 'D',
  removed: 'D',
  erased: 'D',
};

/** Codes of FHIR for outcomes: success, minor failure (the action was refused), serious failure. */
const OUTCOMES: Readonly<Record<string, '0' | '4' | '8'>> = { ok: '0', refused: '4', failed: '8' };

const SYSTEM = 'urn:holdfast:audit';

/** An AuditEvent, with the fields that an entry fills. */
export interface AuditEvent {
  resourceType: 'AuditEvent';
  id: string;
  type: { system: string; code: string };
  subtype: { system: string; code: string }[];
  action: 'C' | 'R' | 'U' | 'D' | 'E';
  recorded: string;
  outcome: '0' | '4' | '8';
  purposeOfEvent?: { coding: { system: string; code: string }[] }[];
  agent: { who: { identifier: { value: string } }; requestor: boolean }[];
  source: { observer: { display: string } };
  entity: { what: { identifier: { value: string } }; type: { system: string; code: string } }[];
}

/** Returns an entry as an AuditEvent. The data of the entry are not part of it. */
export function toAuditEvent(entry: AuditEntry): AuditEvent {
  const { id, action, outcome, occurredAt, actorType, actorId, onBehalf, entityType, entityId, purpose } = entry;
  const [noun = '', verb = ''] = action.split('.');
  const agent = (value: string, requestor: boolean) => ({ who: { identifier: { value } }, requestor });
  const thing = (code: string, value: string) => ({
    what: { identifier: { value } },
    type: { system: SYSTEM, code },
  });
  return {
    resourceType: 'AuditEvent',
    // FHIR allows no underscore in ids.
    id: id.replaceAll('_', '-'),
    type: { system: SYSTEM, code: noun },
    subtype: [{ system: SYSTEM, code: action }],
    action: ACTIONS[verb] ?? 'E',
    recorded: occurredAt,
    outcome: OUTCOMES[outcome] ?? '8',
    ...(purpose === null
      ? {}
      : {
          purposeOfEvent: [
            { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: purpose }] },
          ],
        }),
    agent: [agent(actorId ?? actorType, onBehalf === null), ...(onBehalf === null ? [] : [agent(onBehalf, true)])],
    source: { observer: { display: 'holdfast' } },
    entity: [
      thing(entityType, entityId ?? entityType),
      ...(entry.patientId === null ? [] : [thing('patient', entry.patientId)]),
    ],
  };
}
