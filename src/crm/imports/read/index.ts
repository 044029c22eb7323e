/**
 * From the bytes of a file to clean fields, with functions that neither read nor write anything else. `planFile` decides
 * how to read the file, `RowReader` turns its bytes into rows, and `readRow` turns a row into fields.
 */
export { planFile } from './plan-file.ts';
export { customFieldsOf, readRow } from './row.ts';
export { type ReaderState, RowReader } from './row-reader.ts';
