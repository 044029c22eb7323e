/**
 * Replaces pgpass, the reader of `~/.pgpass`, in a Worker, which has no home directory: it returns no password.
 * node-postgres calls it for a connection string without a password. Saves the Worker 2 KiB. This file is CommonJS
 * because node-postgres calls the result of `require`.
 */
module.exports = function pgPass(_connection, found) {
  found(undefined);
};
