import * as z from 'zod';
import { asObject } from '../../json/json.ts';
import { MAX_OBJECT_NAME_LENGTH } from '../names.ts';
import { listOf, text } from './fields.ts';

const MAX_LABEL_VALUE_LENGTH = 63;
/** A prefix that is a DNS name, `/`, and a name as long as a value. */
const MAX_LABEL_KEY_LENGTH = MAX_OBJECT_NAME_LENGTH + 1 + MAX_LABEL_VALUE_LENGTH;

const labelKey = text(
  /^([a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
  MAX_LABEL_KEY_LENGTH,
  'a label key',
);

const labelValue = text(
  /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/,
  MAX_LABEL_VALUE_LENGTH,
  'a label value',
);

const MAX_LABELS = 64;

/** Completes the sentence "expected …" if there are more. */
export const LABELS_WORDS = `a map of up to ${MAX_LABELS} labels`;

const VALUES_WORDS = 'at least one value for In and NotIn, none for Exists and DoesNotExist';

/** The schema of a label selector, as Kubernetes' `metav1.LabelSelector` with bounds. */
export const labelSelectorSchema = z
  .strictObject(
    {
      matchLabels: z
        .record(labelKey, labelValue, { error: 'a map of label keys to values' })
        .refine((labels) => Object.keys(labels).length <= MAX_LABELS, {
          error: LABELS_WORDS,
        })
        .optional()
        .meta({
          description: 'Labels that a namespace must have, with these values.',
          maxProperties: MAX_LABELS,
        }),
      matchExpressions: listOf(
        z
          .strictObject(
            {
              key: labelKey.meta({ description: 'The label key.' }),
              operator: z
                .enum(['In', 'NotIn', 'Exists', 'DoesNotExist'], {
                  error: 'In, NotIn, Exists or DoesNotExist',
                })
                .meta({ description: 'How the label relates to the values.' }),
              values: listOf(labelValue, 0, 64, 'a list of up to 64 label values').optional().meta({
                description: 'At least one value for In and NotIn, none for Exists and DoesNotExist.',
              }),
            },
            { error: 'a requirement on a label' },
          )
          .check(
            z.refine(hasValuesWhereNeeded, {
              path: ['values'],
              error: VALUES_WORDS,
            }),
          )
          .meta({
            'x-kubernetes-validations': [
              {
                rule: "(self.operator in ['In', 'NotIn']) == (has(self.values) && self.values.size() > 0)",
                fieldPath: '.values',
                message: `expected ${VALUES_WORDS}`,
              },
            ],
          }),
        0,
        16,
        'a list of up to 16 requirements',
      )
        .optional()
        .meta({ description: 'Requirements that must all hold.' }),
    },
    { error: 'a label selector' },
  )
  .meta({
    description: 'Namespaces by their labels. An empty selector selects all namespaces. Files cannot use it.',
  });

/** Whether a value of any type is a selector with more labels than the schema allows. */
export function hasTooManyLabels(selector: unknown): boolean {
  const { matchLabels } = asObject(selector);
  return Object.keys(asObject(matchLabels)).length > MAX_LABELS;
}

function hasValuesWhereNeeded({
  operator,
  values = [],
}: {
  operator: string;
  values?: string[] | undefined;
}) {
  return operator.endsWith('In') === values.length > 0;
}
