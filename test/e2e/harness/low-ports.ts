import { readFileSync } from 'node:fs';

/** Throws one line unless this process may listen on port 443 and the like. */
export function checkLowPorts(): void {
  if (process.getuid?.() === 0) {
    return;
  }
  const first = Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'));
  if (first > 80) {
    throw new Error(
      `listening on Services' ports needs root, or "sysctl net.ipv4.ip_unprivileged_port_start=0" (it is ${first})`,
    );
  }
}
