/** The settings of QStash, and default values for options that an application leaves out. */
import type { JobSettings } from './jobs/index.ts';
import type { SqlStore } from './sql/index.ts';

/** The access to QStash, and the origin for deliveries. */
export interface QstashOptions {
  url: string;
  token: string;
  currentSigningKey: string;
  nextSigningKey: string;
  /** The origin at which QStash reaches this application. QStash's signatures are bound to this origin. */
  deliverTo: string;
}

/** Returns the settings of jobs. Without QStash the settings are empty, and no job can be delivered. */
export function settingsOf(qstash: QstashOptions | undefined): JobSettings {
  return {
    QSTASH_URL: qstash?.url ?? '',
    QSTASH_TOKEN: qstash?.token ?? '',
    QSTASH_CURRENT_SIGNING_KEY: qstash?.currentSigningKey ?? '',
    QSTASH_NEXT_SIGNING_KEY: qstash?.nextSigningKey ?? '',
    APP_URL: qstash?.deliverTo ?? '',
    COUNTERS_FLUSH_MS: 10_000,
    ERROR_MESSAGES: 'redacted',
  };
}

/** Returns a store that refuses every statement. */
export function noDatabase<Tx>(): SqlStore<Tx> {
  const refuse = () => Promise.reject(new TypeError('Writes and jobs need the option database'));
  return { transaction: refuse, query: refuse };
}
