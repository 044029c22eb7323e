/** The parts that pages of several products share. Their script and their styles are in `browser/`. */
export { Fact } from './fact.tsx';
export { ActionButton, Choice, Hidden } from './form.tsx';
export { Table } from './table.tsx';
export { Tile } from './tile.tsx';
