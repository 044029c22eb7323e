/** The events of contacts. */
import { stream } from '../../platform/events/index.ts';
import { importableEvents } from '../event-data.ts';

export const contactEvents = stream('contacts', { distribute: false, events: importableEvents });
