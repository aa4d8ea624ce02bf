import { join } from 'node:path';
import type { ControlPlane } from './control-plane.ts';
import { type CommandOptions, type CommandResult, runCommand, SHORT_LIVED } from './run-command.ts';

/**
 * Runs Helm 3 or 4 as admin, with configuration and caches of this control plane's own; a non-zero exit code is a
 * result.
 */
export function runHelm(
  { tools, kubeconfigPath, directory }: ControlPlane,
  version: 'helm3' | 'helm4',
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const env = {
    ...SHORT_LIVED,
    KUBECONFIG: kubeconfigPath,
    KUBECACHEDIR: join(directory, 'kubectl-cache'),
    HELM_CONFIG_HOME: join(directory, version, 'config'),
    HELM_CACHE_HOME: join(directory, version, 'cache'),
    HELM_DATA_HOME: join(directory, version, 'data'),
    ...options.env,
  };
  return runCommand(tools[version], args, { ...options, env });
}
