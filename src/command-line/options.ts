import * as z from 'zod';
import type { EnforcementAction } from '../admission/decision.ts';
import { SERVER_OPTIONS } from '../config/options.ts';
import { optionInfo } from '../config/parse.ts';
import { oneOf } from '../config/values.ts';
import { isNamespaceName } from '../policy/names.ts';
import type { PolicySettings } from '../policy/policy.ts';
import { CLUSTER_OPTIONS } from './cluster/connect.ts';

const { unlistedNamespaces, protectedRoles, eciDetection } = SERVER_OPTIONS.shape;
const { excludedNamespaces, unmutatedNamespaces, ownMetadataKinds } = SERVER_OPTIONS.shape;

/** A flag that is given once for each file or directory. */
const paths = () => z.array(z.string().min(1, { error: 'a file or directory, or - for standard input' }));

/** The server's settings, by which a policy decides. */
export const SETTING_OPTIONS = {
  unlistedNamespaces,
  protectedRoles,
  eciDetection,
  excludedNamespaces,
  unmutatedNamespaces,
  ownMetadataKinds,
};

/** The word for the allowlists of the cluster. A file of this name is ./cluster. */
export const CLUSTER = 'cluster';

/** The allowlists that a command asks; those of the cluster if none are given. */
export function orCluster(allowlists: readonly string[]): readonly string[] {
  return allowlists.length === 0 ? [CLUSTER] : allowlists;
}

/** The options of every command that asks the policy: the allowlists, the namespaces and the settings. */
export const POLICY_OPTIONS = {
  allowlists: paths().register(optionInfo, {
    argument: 'file-or-directory',
    description:
      'RamRoleAllowlists in YAML or JSON; - reads standard input; the word cluster reads those of the cluster; can be repeated',
    repeated: 'each',
  }),
  namespaces: paths().register(optionInfo, {
    argument: 'file-or-directory',
    description: 'Namespace objects, for the labels that allowlists select by; can be repeated',
    repeated: 'each',
  }),
  ...SETTING_OPTIONS,
  ...CLUSTER_OPTIONS,
};

/** The option for the files that a command reads, at least `least` of them. */
export const filenameOption = (objects: string, least = 1) =>
  z
    .array(z.string().min(1, { error: 'a file or directory' }))
    .min(least, { error: 'a file or directory, or - for standard input' })
    .register(optionInfo, {
      short: 'f',
      argument: 'file-or-directory',
      description: `${objects} in YAML or JSON; a directory with all in it; - reads standard input; can be repeated`,
      repeated: 'each',
    });

/** The values of these options. */
export type PolicyOptions = PolicySettings &
  Readonly<{
    allowlists: readonly string[];
    namespaces: readonly string[];
    excludedNamespaces: readonly string[];
    unmutatedNamespaces: readonly string[];
    ownMetadataKinds: readonly string[];
    /** The cluster that is asked. */
    kubeconfig?: string | undefined;
    context?: string | undefined;
    /** Deny, so that a denial has its full message, unless a command has options for them. */
    workloadsAction?: EnforcementAction;
    injectorsAction?: EnforcementAction;
  }>;

/** The option for the namespace of objects that name none. */
export const namespaceOption = () =>
  z.string().refine(isNamespaceName, { error: 'the name of a namespace' }).register(optionInfo, {
    short: 'n',
    argument: 'name',
    description: 'namespace of objects that name none',
    default: 'default',
  });

/** The option for the format of an answer. */
export const outputOption = () =>
  oneOf(['text', 'json']).register(optionInfo, {
    short: 'o',
    argument: 'format',
    description: 'text for a person, or JSON for a program',
    default: 'text',
  });
