/** Cron expressions as sentences. An expression that has no simple sentence is described field by field. */

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
].concat('November', 'December');
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/**
 * Returns a sentence for a cron expression of five fields, such as `every day at 04:30`. Each character is read once,
 * so no expression takes long.
 */
export function cronInWords(cron: string): string {
  const [minute = '*', hour = '*', day = '*', month = '*', weekday = '*'] = cron.split(' ');
  const time = timeInWords(minute, hour);
  const days = [
    day === '*' ? '' : `on day ${listed(day)} of the month`,
    weekday === '*' ? '' : `on ${listed(weekday, DAYS)}`,
  ].filter((text) => text !== '');
  const when = days.length === 2 ? `${days[0]} or ${days[1]}` : (days[0] ?? '');
  const months = month === '*' ? '' : `in ${listed(month, MONTHS, 1)}`;
  const isDaily = when === '' && time.startsWith('at ') && /^\d+(,\d+)*$/.test(hour);
  return [isDaily ? 'every day' : '', when, months, time].filter((text) => text !== '').join(' ');
}

function timeInWords(minute: string, hour: string): string {
  const everyMinutes = stepOf(minute);
  if (everyMinutes !== null && hour === '*')
    return everyMinutes === 1 ? 'every minute' : `every ${everyMinutes} minutes`;
  if (/^\d+$/.test(minute)) {
    const past = minute === '0' ? 'on the hour' : `at minute ${minute}`;
    if (/^\d+(,\d+)*$/.test(hour)) {
      return `at ${joined(hour.split(',').map((each) => `${each.padStart(2, '0')}:${minute.padStart(2, '0')}`))}`;
    }
    const everyHours = stepOf(hour);
    if (everyHours !== null) return everyHours === 1 ? `every hour ${past}` : `every ${everyHours} hours ${past}`;
    return `${past} of the hours ${listed(hour)}`;
  }
  const minutes = everyMinutes === null ? `at the minutes ${listed(minute)}` : `every ${everyMinutes} minutes`;
  return hour === '*' ? `${minutes} of every hour` : `${minutes} in the hours ${listed(hour)}`;
}

/** Returns the step of `*` and of an even step such as `*\/5`; `null` for any other field. */
function stepOf(field: string): number | null {
  if (field === '*') return 1;
  const step = /^\*\/(\d{1,2})$/.exec(field)?.[1];
  return step === undefined ? null : Number(step);
}

function listed(field: string, names?: readonly string[], first = 0): string {
  const named = (text: string) => (/^\d+$/.test(text) ? (names?.[Number(text) - first] ?? text) : text);
  return joined(
    field.split(',').map((part) => {
      const [range = '', step] = part.split('/');
      const [from = '', to] = range.split('-');
      const text = to === undefined ? named(from) : `${named(from)} to ${named(to)}`;
      return step === undefined ? text : `every ${step} from ${text}`;
    }),
  );
}

function joined(parts: readonly string[]): string {
  return parts.length < 2 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}
