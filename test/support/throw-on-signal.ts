// Loaded before the server by --import: it throws from a signal's handler, which is nobody's to catch.
process.on('SIGUSR2', () => {
  throw new Error('thrown by the test');
});
process.on('SIGHUP', () => {
  Promise.reject(new Error('rejected by the test'));
});
