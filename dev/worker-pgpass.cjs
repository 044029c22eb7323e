/**
 * What pgpass, the reader of `~/.pgpass`, finds in a Worker: no password, as there is no home. node-postgres asks when a
 * connection string has none. Spares the Worker 2 KiB. It is CommonJS because node-postgres calls what `require` returns.
 */
module.exports = function pgPass(_connection, found) {
  found(undefined);
};
