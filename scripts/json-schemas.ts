import { z } from 'zod';
import { COMMANDS } from '../src/command-line/commands.ts';
import { expectation, OUTCOMES, SUITE_SCHEMA } from '../src/command-line/test/suite.ts';
import { allowlistSchema } from '../src/policy/schema/allowlist.ts';

/** The file that kubeconform looks for with `{{.ResourceKind}}{{.KindSuffix}}.json`. */
export const ALLOWLIST_SCHEMA = 'ramroleallowlist-eci-ram-role-v1alpha1.json';

/** The rules between fields that JSON Schema can express. The default role needs a match, which it cannot. */
const SPEC_RULES = {
  oneOf: [{ required: ['namespaces'] }, { required: ['namespaceSelector'] }],
  dependencies: { expiresAt: ['reason'] },
};

const ALLOWLIST = allowlistSchema
  .extend({ spec: allowlistSchema.shape.spec.meta({ ...allowlistSchema.shape.spec.meta(), ...SPEC_RULES }) })
  .meta({ title: 'RamRoleAllowlist' });

/** Keywords of the CRD alone. */
const OF_CRD = ['x-kubernetes-validations', 'nullable'];

/** The JSON Schemas of the package, by the name of their file: of allowlists, of suites of tests, and of each command's output. */
export function buildJsonSchemas(): ReadonlyMap<string, string> {
  const outputs = COMMANDS.flatMap(({ name, result }) =>
    result === undefined ? [] : [[`${name}-output.json`, toText(result)] as const],
  );
  return new Map([[ALLOWLIST_SCHEMA, toText(ALLOWLIST)], ['suite.json', toText(SUITE_SCHEMA)], ...outputs]);
}

/** As editors read it: draft 7. An output may get further fields, so that none of them is forbidden. */
function toText(schema: z.ZodType): string {
  const json = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema === expectation) {
        const { ...whole } = jsonSchema;
        for (const key of Object.keys(jsonSchema)) {
          Reflect.deleteProperty(jsonSchema, key);
        }
        jsonSchema.anyOf = [{ enum: [...OUTCOMES] }, whole];
      }
    },
  });
  return `${JSON.stringify(json, (key, value) => (OF_CRD.includes(key) ? undefined : value), 2)}\n`;
}
