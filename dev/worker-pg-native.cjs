/**
 * What node-postgres finds in a Worker where it keeps its binding to libpq: what it finds wherever `pg-native`, an addon
 * of Node, is not installed. Spares the Worker 2 KiB. It is CommonJS because only what is required can be missing.
 */
throw Object.assign(new Error('There is no pg-native in a Worker'), { code: 'MODULE_NOT_FOUND' });
