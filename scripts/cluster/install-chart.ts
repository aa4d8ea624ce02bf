import { runHelm } from '../../test/e2e/harness/run-helm.ts';
import {
  CHART,
  NAMESPACE,
  RELEASE,
  type WebhookCluster,
} from '../../test/e2e/scenarios/support/webhook-cluster.ts';

const HELM_TIMEOUT_S = 120;

/** Installs the chart and waits until it is ready; throws what Helm said and the end of the server's log. */
export async function installChart(
  { controlPlane }: WebhookCluster,
  values: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const { code, stderr } = await runHelm(
    controlPlane,
    'helm4',
    [
      ...['install', RELEASE, CHART, '--namespace', NAMESPACE, '--create-namespace'],
      ...['--wait', `--timeout=${HELM_TIMEOUT_S}s`, ...values.map((file) => `--values=${file}`)],
    ],
    { signal, timeoutMs: (HELM_TIMEOUT_S + 30) * 1000 },
  );
  if (code !== 0) {
    const logs = await controlPlane.kubectl([
      ...['logs', '--namespace', NAMESPACE, '--selector', `app.kubernetes.io/instance=${RELEASE}`],
      ...['--tail=5', '--prefix', '--ignore-errors'],
    ]);
    throw new Error(`helm install ended with code ${code}: ${stderr.trim()}\n${logs.stdout}`.trim());
  }
}
