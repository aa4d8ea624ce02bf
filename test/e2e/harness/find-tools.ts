import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The programs that make a control plane; one directory must hold all of them, so that versions match. */
export const controlPlaneTools = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubectl',
] as const;

/** The programs of a cluster with the chart installed. */
export const clusterTools = [...controlPlaneTools, 'helm4'] as const;

export type ToolName = (typeof clusterTools)[number] | 'helm3' | 'kubeconform' | 'promtool';

/** Absolute path of each program. */
export type ToolPaths = Readonly<Record<ToolName, string>>;

/**
 * Where `npm run e2e:tools` puts what it builds: E2E_TOOLS_CACHE, else a directory of the user's cache, which all
 * checkouts share and a fresh clone finds.
 */
export const builtToolsDirectory =
  process.env['E2E_TOOLS_CACHE'] ||
  join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'eci-ram-role-webhook/e2e-tools');

/**
 * The directory that KUBEBUILDER_ASSETS names, when it holds every control-plane program; undefined otherwise.
 * An incomplete one (setup-envtest ships no controller manager) is passed over, because mixing versions is worse.
 */
export function findKubebuilderAssets(): string | undefined {
  const directory = process.env['KUBEBUILDER_ASSETS'];
  if (directory === undefined || directory === '') {
    return undefined;
  }
  return controlPlaneTools.every((name) => isExecutable(join(directory, name))) ? directory : undefined;
}

/**
 * Finds every program, or throws one line that names the missing ones of a cluster and the command that builds them.
 * Helm 3, kubeconform and promtool may be missing: only tests of the chart and of its alerts use them.
 */
export function findTools(build = 'npm run e2e:tools'): ToolPaths {
  const assets = findKubebuilderAssets() ?? builtToolsDirectory;
  const paths: ToolPaths = {
    etcd: join(assets, 'etcd'),
    'kube-apiserver': join(assets, 'kube-apiserver'),
    'kube-controller-manager': join(assets, 'kube-controller-manager'),
    'kube-scheduler': join(assets, 'kube-scheduler'),
    kubectl: join(assets, 'kubectl'),
    helm3: join(builtToolsDirectory, 'helm3'),
    helm4: join(builtToolsDirectory, 'helm4'),
    kubeconform: join(builtToolsDirectory, 'kubeconform'),
    promtool: join(builtToolsDirectory, 'promtool'),
  };
  const missing = clusterTools.filter((name) => !isExecutable(paths[name]));
  if (missing.length > 0) {
    throw new Error(`missing ${missing.join(', ')}: build with "${build}"`);
  }
  return paths;
}

/** Whether a file exists at the path and may be executed. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
