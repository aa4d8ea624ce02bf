import type { ImageConfig } from './buildah.ts';

/** A file or directory of this machine, mounted read-only into the container. */
export type Mount = Readonly<{ source: string; target: string }>;

// Everything is mounted in a private mount namespace, which goes with the process; the last step is exec, so signals
// reach the program itself.
const SCRIPT = `
set -eu
root=$1 user=$2
shift 2
mount --bind "$root" "$root"
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
while [ "$1" != -- ]; do mkdir -p "$root$2"; mount --bind "$1" "$root$2"; mount -o remount,bind,ro "$root$2"; shift 2; done
shift
mount -o remount,bind,ro "$root"
exec /usr/sbin/chroot --userspec="$user" "$root" "$@"
`;

/** What runs a program in a mounted image as the chart has it run: as the image's own user, on a read-only root. */
export function enterImage(
  root: string,
  { User, Env }: ImageConfig,
  mounts: readonly Mount[],
  command: readonly string[],
): Readonly<{ command: string; args: readonly string[]; env: Readonly<Record<string, string>> }> {
  return {
    command: '/usr/bin/unshare',
    args: [
      ...['--mount', '--', '/bin/sh', '-c', SCRIPT, 'container', root, User],
      ...mounts.flatMap(({ source, target }) => [source, target]),
      '--',
      ...command,
    ],
    env: Object.fromEntries(
      Env.map((variable) => {
        const [name = '', ...value] = variable.split('=');
        return [name, value.join('=')];
      }),
    ),
  };
}
