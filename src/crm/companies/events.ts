/** The events of companies. */
import { stream } from '../../platform/events/index.ts';
import { importableEvents } from '../event-data.ts';

export const companyEvents = stream('companies', { distribute: false, events: importableEvents });
