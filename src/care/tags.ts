/** The tags of the cached values of the care area. Reads and writes of the same data must use the same tags. */
import { type Tag, tag } from '../platform/redis/index.ts';

export const careTags = {
  /** The demographics of a patient. */
  patient: (id: string): Tag => tag('patient', id),
  /** All that decides who may see a patient's records: visits, assignments, consents and accesses in emergencies. */
  access: (patientId: string): Tag => tag('patient', patientId, 'access'),
  /** A record was added to a patient. */
  records: (patientId: string): Tag => tag('patient', patientId, 'records'),
  /** The accounts of a patient. */
  accounts: (patientId: string): Tag => tag('patient', patientId, 'accounts'),
  /** The balance of an account. */
  account: (id: string): Tag => tag('account', id),
  /** One visit. */
  appointment: (id: string): Tag => tag('appointment', id),
  /** The visits of a department. */
  board: (department: string): Tag => tag('board', department),
  /** The departments of the nurses. */
  staff: tag('care-staff'),
  /** The visits of the tenant. */
  appointments: tag('appointments'),
  /** A record was amended. */
  record: (id: string): Tag => tag('medical-record', id),
};
