// Preloaded into a process, it makes that find a machine without IPv6, on whatever machine it runs: a socket of that family
// is refused, as by a kernel that does not know it. All addresses of IPv4 become 127.0.0.1 then, so that no test can be reached
// from outside, and standard output tells that all were asked for.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { constants } from 'node:os';

const server = createServer().listen(0, '127.0.0.1');
await once(server, 'listening');
/** What every TCP socket of Node's is made of. */
const handle: unknown = Object.getPrototypeOf(Reflect.get(server, '_handle'));
server.close();
assert(typeof handle === 'object' && handle !== null);

const bind: unknown = Reflect.get(handle, 'bind');
assert(typeof bind === 'function' && Reflect.has(handle, 'bind6'));
Reflect.set(handle, 'bind6', () => -constants.errno.EAFNOSUPPORT);
Reflect.set(handle, 'bind', function (this: unknown, address: string, ...rest: readonly unknown[]) {
  if (address !== '0.0.0.0') {
    return bind.call(this, address, ...rest);
  }
  process.stdout.write('listens on all addresses of IPv4\n');
  return bind.call(this, '127.0.0.1', ...rest);
});
