// A Kubernetes control plane on this machine, with the chart of the working tree installed, until Ctrl-C.
import process from 'node:process';
import { messageOf } from '../test/e2e/harness/wait-for.ts';
import { startBareCluster, type WebhookCluster } from '../test/e2e/scenarios/support/webhook-cluster.ts';
import { abortOnSignals } from './cluster/abort-on-signals.ts';
import { buildBundle } from './cluster/build-bundle.ts';
import { checkMachine } from './cluster/check-machine.ts';
import { parseCommandLine } from './cluster/command-line.ts';
import { describeCluster } from './cluster/describe-cluster.ts';
import { installChart } from './cluster/install-chart.ts';
import { linkTools } from './cluster/link-tools.ts';

const { install, values } = parseCommandLine(process.argv.slice(2));
const { signal, happened } = abortOnSignals();

/** Says what begins now; nothing begins any more once a signal has come. */
function announce(text: string): void {
  signal.throwIfAborted();
  console.log(text);
}

let cluster: WebhookCluster | undefined;
try {
  checkMachine();
  announce('Building dist/');
  await buildBundle(signal);
  announce('Starting etcd, kube-apiserver, kube-controller-manager, kube-scheduler and a node');
  cluster = await startBareCluster();
  const { tools, directory, kubeconfigPath, logsDirectory } = cluster.controlPlane;
  const binDirectory = linkTools(tools, directory);
  if (install) {
    announce('Installing charts/eci-ram-role-webhook');
    await installChart(cluster, values, signal);
  }
  announce(describeCluster({ kubeconfigPath, binDirectory, logsDirectory, isInstalled: install }));
  await happened;
} catch (error) {
  if (!signal.aborted) {
    console.error(messageOf(error));
    process.exitCode = 1;
  }
}

if (cluster !== undefined) {
  console.log('Stopping everything');
  await cluster.stop().catch((error: unknown) => {
    console.error(messageOf(error));
    process.exitCode = 1;
  });
}
