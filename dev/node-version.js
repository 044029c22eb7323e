/**
 * Every script of package.json starts with this. Where npm has put no Node into node_modules (it does on Linux, macOS
 * and Windows), scripts run on the machine's own; one that is too old gets this sentence instead of a stack. JavaScript
 * that any Node can read.
 */
var needed = 24;
if (Number(process.versions.node.split('.')[0]) < needed) {
  console.error(
    'This is Node ' +
      process.versions.node +
      ', and Holdfast runs on Node ' +
      needed +
      ' or newer: `npm install` brings one along (with optional dependencies), or install it yourself.',
  );
  process.exit(1);
}
