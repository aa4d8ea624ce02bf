import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cores, onServerCore } from '../cores.ts';
import { median } from '../statistics.ts';
import { printTable } from '../table.ts';

/** The milliseconds from the start to the end of `check`, and the peak of its memory. */
export type CheckFigures = Readonly<{ manifests: number; ms: readonly number[]; peakBytes: number }>;

const BUNDLE = join(import.meta.dirname, '../../dist/eci-ram-role-webhook.cjs');
/** Prints the peak of the resident memory behind the answer of the command. */
const WITH_PEAK = `process.on('exit', () => process.stderr.write('\\npeak ' + process.resourceUsage().maxRSS + '\\n'))`;

/** Measures `check` of deployments in one file, several times. */
export function measureCheck(cores: Cores, manifests: number, times: number): CheckFigures {
  const directory = mkdtempSync(join(tmpdir(), 'eci-ram-role-webhook-bench-'));
  try {
    mkdirSync(join(directory, 'lists'));
    writeFileSync(join(directory, 'lists/payments.yaml'), ALLOWLIST);
    const file = join(directory, 'manifests.yaml');
    writeFileSync(file, Array.from({ length: manifests }, (_, index) => manifest(index)).join('---\n'));
    const argv = ['check', '-f', file, '--allowlists', join(directory, 'lists')];
    const ms: number[] = [];
    let peakBytes = 0;
    for (let time = 0; time < times; time++) {
      const [command, ...rest] = onServerCore(cores, [
        `--import=data:text/javascript,${WITH_PEAK}`,
        BUNDLE,
        ...argv,
      ]);
      const startedAt = performance.now();
      const { status, stderr } = spawnSync(command, rest, {
        encoding: 'utf8',
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      ms.push(performance.now() - startedAt);
      if (status !== 1) {
        throw new Error(`check ended with code ${status}: ${stderr}`);
      }
      peakBytes = Math.max(peakBytes, Number(/peak (\d+)/.exec(stderr)?.[1]) * 1024);
    }
    return { manifests, ms, peakBytes };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const ALLOWLIST = `apiVersion: eci-ram-role.io/v1alpha1
kind: RamRoleAllowlist
metadata:
  name: payments
spec:
  namespaces: [payments]
  roles: [payments-reader]
`;

/** Every third names a role that is denied. */
function manifest(index: number): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-${index}
  namespace: payments
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
      annotations:
        k8s.aliyun.com/eci-ram-role-name: ${index % 3 === 0 ? 'admin' : 'payments-reader'}
    spec:
      containers:
        - name: web
          image: registry.example/web:1
          ports:
            - containerPort: 8080
`;
}

export function printCheck(figures: readonly CheckFigures[]): void {
  printTable('check, from its start to its end', [
    ['manifests', 'ms', 'MiB at most'],
    ...figures.map(({ manifests, ms, peakBytes }) => [
      String(manifests),
      median(ms).toFixed(0),
      (peakBytes / 1024 / 1024).toFixed(0),
    ]),
  ]);
}
