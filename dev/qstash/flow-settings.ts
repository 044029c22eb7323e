/** Reads the flow-control settings of a message from its headers. */
import { parseDuration } from './durations.ts';
import { RequestError } from './request-error.ts';

/** The flow-control settings of a message. */
export interface FlowSettings {
  key: string;
  parallelism: number | undefined;
  rate: number | undefined;
  periodMs: number;
}

/** The period of a rate, in ms, if the settings contain no period. */
export const DEFAULT_PERIOD_MS = 1_000;
const MAX_PERIOD_MS = 7 * 86_400_000;

/**
 * Reads `Upstash-Flow-Control-Key` and `-Value`, e.g. `parallelism=5, rate=10, period=1m`.
 *
 * @throws RequestError if the settings are invalid
 */
export function readFlowSettings(key: string | undefined, value: string | undefined): FlowSettings | undefined {
  if (key === undefined && value === undefined) return undefined;
  if (key === undefined || key === '') throw new RequestError(400, 'upstash-flow-control-value without a key');
  const settings: FlowSettings = { key, parallelism: undefined, rate: undefined, periodMs: DEFAULT_PERIOD_MS };
  for (const part of (value ?? '').split(',')) {
    const [name = '', text = ''] = part.split('=').map((side) => side.trim());
    switch (name.toLowerCase()) {
      case 'parallelism':
        settings.parallelism = readLimit('parallelism', text);
        break;
      case 'rate':
      case 'ratepersecond':
        settings.rate = readLimit('rate', text);
        break;
      case 'period':
        settings.periodMs = readPeriod(text);
        break;
      default:
        throw new RequestError(400, `invalid upstash-flow-control-value: ${value ?? ''}`);
    }
  }
  if (settings.parallelism === undefined && settings.rate === undefined) {
    throw new RequestError(400, 'upstash-flow-control-value needs a parallelism or a rate');
  }
  return settings;
}

function readLimit(name: string, text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new RequestError(400, `invalid flow control ${name}: ${text}`);
  return Number(text);
}

function readPeriod(text: string): number {
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : parseDuration(text);
  if (ms === undefined || ms < 1_000 || ms > MAX_PERIOD_MS) {
    throw new RequestError(400, `invalid flow control period: ${text} (1 second to 1 week)`);
  }
  return ms;
}
