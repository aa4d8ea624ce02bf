import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { IMAGE_NODE } from '../../e2e/harness/image-node.ts';

const LIMIT_BYTES = 512 * 1024 * 1024;

/** Where the limit of a group is written and its peak read, in either version of the interface. */
const VERSIONS = [
  {
    name: 'cgroup v2',
    root: '/sys/fs/cgroup',
    limits: { 'memory.max': LIMIT_BYTES, 'memory.swap.max': 0 },
    peak: 'memory.peak',
  },
  {
    name: 'cgroup v1',
    root: '/sys/fs/cgroup/memory',
    limits: { 'memory.limit_in_bytes': LIMIT_BYTES, 'memory.memsw.limit_in_bytes': LIMIT_BYTES },
    peak: 'memory.max_usage_in_bytes',
  },
] as const;

/** The flag that gives a process without a group the heap that the issue was seen with. */
const HEAP_FLAG = '--max-old-space-size=271';

/** What bounds the memory of a process. */
export type MemoryLimit = Readonly<{
  /** For the report. */
  description: string;
  /** The command that runs Node with these arguments within the limit. */
  command: (args: readonly string[]) => readonly [string, ...string[]];
  /** The most that has ever been charged to the group; undefined if there is none. */
  peakBytes: () => number | undefined;
  remove: () => void;
}>;

/**
 * Makes a memory cgroup of 512 MiB, from which Node derives its heap limit, as in a pod with the chart's resources. Where
 * that is not possible, a flag limits the heap alone.
 */
export function createMemoryLimit(name: string, nodeFlags: readonly string[]): MemoryLimit {
  for (const version of VERSIONS) {
    const group = join(version.root, name);
    if (!createGroup(group, version.limits)) {
      continue;
    }
    const command = (args: readonly string[]): readonly [string, ...string[]] => [
      'sh',
      '-c',
      `echo $$ > ${group}/cgroup.procs && exec "$0" "$@"`,
      IMAGE_NODE,
      ...args,
    ];
    return {
      description: `memory ${version.name} of 512 MiB, Node ${describeHeap(command, nodeFlags)}`,
      command,
      peakBytes: () => readNumber(join(group, version.peak)),
      remove: () => attempt(() => rmdirSync(group)),
    };
  }
  const command = (args: readonly string[]): readonly [string, ...string[]] => [
    IMAGE_NODE,
    HEAP_FLAG,
    ...args,
  ];
  return {
    description: `no memory cgroup, Node ${describeHeap(command, nodeFlags)}`,
    command,
    peakBytes: () => undefined,
    remove: () => undefined,
  };
}

function createGroup(group: string, limits: Readonly<Record<string, number>>): boolean {
  const [first] = Object.keys(limits);
  const isCreated =
    attempt(() => {
      mkdirSync(group, { recursive: true });
      return existsSync(join(group, first ?? ''));
    }) ?? false;
  if (!isCreated) {
    attempt(() => rmdirSync(group));
    return false;
  }
  const hasLimit = Object.entries(limits).map(([file, bytes]) =>
    attempt(() => {
      writeFileSync(join(group, file), String(bytes));
      return true;
    }),
  );
  // A machine without swap may lack the limit of swap.
  return hasLimit[0] === true;
}

/** The version of Node and the heap limit that it derives. */
function describeHeap(command: MemoryLimit['command'], nodeFlags: readonly string[]): string {
  const script = `process.version + ' with a heap of ' + (v8.getHeapStatistics().heap_size_limit >> 20) + ' MiB'`;
  const [file, ...args] = command([...nodeFlags, '-p', script]);
  return String(execFileSync(file, args)).trim();
}

function readNumber(file: string): number | undefined {
  return attempt(() => Number(readFileSync(file, 'utf8')));
}

function attempt<Result>(action: () => Result): Result | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
