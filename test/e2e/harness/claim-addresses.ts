import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';

/**
 * The loopback addresses that belong to one control plane. Fixed ports on addresses of its own need no search for free
 * ports, and so no race for them.
 */
export type AddressBlock = {
  /** The /24 from which the API server allots ClusterIPs. */
  readonly serviceRange: string;
  /** The ClusterIP that the API server gives to `default/kubernetes`: the first of the range. */
  readonly kubernetesServiceAddress: string;
  /** Where etcd and the API server listen. */
  readonly controlPlaneAddress: string;
  /** An address for a node, or for anything else of the harness that listens; never given twice. */
  takeNodeAddress(): string;
  /** An address for a pod; the one given back longest ago comes last, so that a late client meets nobody. */
  takePodAddress(): string;
  releasePodAddress(address: string): void;
  /** Gives the block back. */
  release(): Promise<void>;
};

const blocks = 64;
const claimPort = 4000;
/** The port whose silence shows that nothing of an earlier owner is left. */
export const apiServerPort = 6443;

/**
 * Claims the first free block of 127/8. A listening socket is the claim, so the kernel gives the block back whatever
 * happens to its owner. Throws when all are taken.
 */
export async function claimAddresses(): Promise<AddressBlock> {
  for (let index = 0; index < blocks; index += 1) {
    const claim = await tryListen(`127.97.${index}.1`, claimPort);
    if (claim === undefined) {
      continue;
    }
    if (await isListening(`127.97.${index}.2`, apiServerPort)) {
      claim.close();
      continue;
    }
    return createBlock(index, claim);
  }
  throw new Error(`all ${blocks} address blocks of 127.97.0.0/16 are taken by running control planes`);
}

function createBlock(index: number, claim: Server): AddressBlock {
  const released: string[] = [];
  let nodes = 0;
  let pods = 0;
  return {
    serviceRange: `127.96.${index}.0/24`,
    kubernetesServiceAddress: `127.96.${index}.1`,
    controlPlaneAddress: `127.97.${index}.2`,
    takeNodeAddress() {
      nodes += 1;
      return `127.97.${index}.${9 + nodes}`;
    },
    takePodAddress() {
      // 254 usable last octets, so that no address ends in 0 or 255.
      if (pods < 254 * 256) {
        const address = `127.${128 + index}.${Math.floor(pods / 254)}.${1 + (pods % 254)}`;
        pods += 1;
        return address;
      }
      const address = released.shift();
      if (address === undefined) {
        throw new Error('no pod address is free');
      }
      return address;
    },
    releasePodAddress: (address) => released.push(address),
    async release() {
      claim.close();
      await once(claim, 'close');
    },
  };
}

async function tryListen(host: string, port: number): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  server.listen({ host, port, exclusive: true });
  try {
    await once(server, 'listening');
    server.unref();
    return server;
  } catch {
    return undefined;
  }
}

async function isListening(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
