/**
 * Replaces node-postgres' binding to libpq in a Worker: importing it fails as if `pg-native`, a Node addon, were not
 * installed. Saves the Worker 2 KiB. This file is CommonJS because only a `require` can fail in this way.
 */
throw Object.assign(new Error('There is no pg-native in a Worker'), { code: 'MODULE_NOT_FOUND' });
