import type { Server } from 'node:net';

/** A port that cannot be listened on; the message says which and what to do. */
export class ListenError extends Error {
  override name = 'ListenError';
}

/** Where to listen, and the flag that says so. */
export type ListenOptions = Readonly<{
  /** Undefined: all addresses, IPv6 and IPv4, or IPv4 alone where the machine has no IPv6. */
  address: string | undefined;
  port: number;
  flag: string;
}>;

/**
 * Listens, and resolves to the port.
 *
 * @throws {ListenError} where the port is taken or may not be listened on
 */
export function listen(server: Server, { address, port, flag }: ListenOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error) =>
      reject(new ListenError(describeFailure(error, { address, port, flag })));
    server.once('error', onError);
    // Without a host Node listens on `::` for both families, and on 0.0.0.0 where there is no IPv6.
    server.listen({ port, ...(address !== undefined && { host: address }) }, () => {
      server.off('error', onError);
      const bound = server.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : port);
    });
  });
}

function describeFailure(error: Error, { address, port, flag }: ListenOptions): string {
  const code = 'code' in error ? String(error.code) : error.message;
  const where = `--${flag} ${port}${address === undefined ? '' : ` on ${address}`}`;
  switch (code) {
    case 'EADDRINUSE':
      return `${where}: expected a free port, found one that another process listens on; choose another with --${flag}`;
    case 'EACCES':
      return `${where}: expected a port that this user may listen on, found a privileged one; choose one from 1024 with --${flag}`;
    case 'EADDRNOTAVAIL':
      return `--bind-address ${address}: expected an address of this machine, found another`;
    default:
      return `${where}: cannot listen: ${code}`;
  }
}
