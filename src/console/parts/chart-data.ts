/** The data of a chart, which the page carries as JSON and the script of the console draws. */

/** A line of a chart. */
export interface Line {
  name: string;
  /** The unit of the values. Lines with one unit share an axis. */
  unit: 'ms' | '%' | 'per min';
  /** Lines; or bars, for numbers of events. */
  as?: 'bars';
  /** The colour, as the name of a variable of `console.css`. */
  colour: '--accent' | '--busy' | '--warn' | '--bad';
  /** One value for each time; `null` where nothing was counted. */
  values: readonly (number | null)[];
}

/** A chart over time. */
export interface ChartData {
  /** The start of each minute, in seconds since the epoch. */
  times: readonly number[];
  lines: readonly Line[];
}
