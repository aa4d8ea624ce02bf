import { mkdirSync } from 'node:fs';
import type { ProcessOptions } from '../start-process.ts';

/** A file or directory of this machine that a container sees at a path of its own. */
export type Mount = { source: string; target: string; readOnly: boolean };

export type ContainerRoot = {
  /** An empty directory of this machine, over which the root is mounted: only the container's own process sees it. */
  directory: string;
  hostname: string;
  mounts: Mount[];
  readOnly: boolean;
  workingDir: string;
  user: number;
  group: number;
  /** The pod's fsGroup, by which it may read its volumes. */
  supplementaryGroup: number | undefined;
  command: string[];
};

// The base image is this machine's /usr and what goes with it, read-only; all else is new and empty. Everything is
// mounted in a private mount namespace, which goes with the process. Each step ends in exec, so the process that was
// started is the container's own: signals reach it, and its exit code is the container's.
const script = `
set -eu
container_path=\${PATH-}
PATH=/usr/sbin:/usr/bin:/sbin:/bin
root=$1 hostname=$2 read_only=$3 working_dir=$4
shift 4
mount -t tmpfs -o mode=0755 tmpfs "$root"
bind() { # source target read-only
  if [ -d "$1" ]; then mkdir -p "$root$2"; else mkdir -p "$(dirname "$root$2")"; [ -e "$root$2" ] || : > "$root$2"; fi
  mount --bind "$1" "$root$2"
  if [ "$3" = true ]; then mount -o remount,bind,ro "$root$2"; fi
}
for name in bin sbin lib lib32 lib64 libx32 usr; do
  if [ -L "/$name" ]; then ln -s "$(readlink "/$name")" "$root/$name"; elif [ -d "/$name" ]; then bind "/$name" "/$name" true; fi
done
for name in passwd group nsswitch.conf hosts resolv.conf ld.so.cache localtime; do
  if [ -e "/etc/$name" ]; then bind "/etc/$name" "/etc/$name" true; fi
done
mkdir -p "$root/proc" "$root/dev" "$root/var" "$root/run" "$root$working_dir"
mkdir -m 1777 "$root/tmp"
ln -s ../run "$root/var/run"
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
while [ "$1" != -- ]; do bind "$1" "$2" "$3"; shift 3; done
shift
hostname "$hostname" 2> /dev/null || echo "$hostname" > /proc/sys/kernel/hostname
if [ "$read_only" = true ]; then mount -o remount,bind,ro "$root"; fi
PATH=$container_path
export PATH
exec /usr/sbin/chroot "$root" /bin/sh -c 'cd "$0" && exec "$@"' "$working_dir" "$@"
`;

/** The command that builds the root and becomes the container's process in it. */
export function enterContainerRoot(root: ContainerRoot): Pick<ProcessOptions, 'command' | 'args'> {
  mkdirSync(root.directory, { recursive: true });
  // A mount below another one comes after it.
  const mounts = root.mounts.toSorted((a, b) => depthOf(a.target) - depthOf(b.target));
  const isRoot = process.getuid?.() === 0;
  return {
    command: 'unshare',
    args: [
      // Without root the container's user is the one in a user namespace, whatever user it asks for.
      ...(isRoot ? [] : ['--map-root-user']),
      ...['--mount', '--uts', '--', '/bin/sh', '-c', script, 'container'],
      ...[root.directory, root.hostname, String(root.readOnly), root.workingDir],
      ...mounts.flatMap(({ source, target, readOnly }) => [source, target, String(readOnly)]),
      '--',
      // The parent-death signal is set last, because a change of user clears it.
      ...['/usr/bin/setpriv', ...(isRoot ? userFlags(root) : []), '--pdeathsig', 'KILL', '--'],
      ...root.command,
    ],
  };
}

function userFlags({ user, group, supplementaryGroup }: ContainerRoot): string[] {
  const groups =
    supplementaryGroup === undefined ? ['--clear-groups'] : ['--groups', String(supplementaryGroup)];
  const identity = ['--reuid', String(user), '--regid', String(group), ...groups, '--no-new-privs'];
  return user === 0 ? identity : [...identity, '--inh-caps=-all', '--bounding-set=-all'];
}

function depthOf(path: string): number {
  return path.split('/').filter((part) => part !== '').length;
}
