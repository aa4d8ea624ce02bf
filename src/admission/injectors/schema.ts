import * as z from 'zod';
import { labelSelectorSchema } from '../../policy/schema/label-selector.ts';

const effect = z.strictObject(
  { annotations: mapOfTexts(), labels: mapOfTexts() },
  { error: 'an object of annotations and labels' },
);

/** An entry of the ConfigMap. A null counts as an absent field, as it does for a reader written in Go. */
export const profileEntrySchema = z.strictObject(
  {
    name: z.string({ error: 'a text' }).nullish(),
    namespaceSelector: labelSelectorSchema.nullish(),
    objectSelector: labelSelectorSchema.nullish(),
    effect: effect.nullish(),
  },
  { error: 'an object' },
);

/** The `spec` of a Selector, as an entry of the ConfigMap. Its name, policy and priority make no difference to the role. */
export const selectorSpecSchema = z
  .strictObject(
    {
      namespaceLabels: labelSelectorSchema.nullish(),
      objectLabels: labelSelectorSchema.nullish(),
      effect: effect.nullish(),
      name: z.unknown().optional(),
      policy: z.unknown().optional(),
      priority: z.unknown().optional(),
    },
    { error: 'an object' },
  )
  .transform(({ namespaceLabels, effect }) => ({ namespaceSelector: namespaceLabels, effect }));

export type EntrySchema = typeof profileEntrySchema | typeof selectorSpecSchema;

function mapOfTexts() {
  return z
    .record(z.string(), z.string({ error: 'a text' }).nullable(), { error: 'a map of texts' })
    .nullish();
}
