import * as z from 'zod';
import { listOf, text } from './schema.ts';

const labelKey = text(
  /^(?=.{1,317}$)([a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
  'a label key',
);

const labelValue = text(/^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/, 'a label value');

/** The schema of a label selector, as Kubernetes' `metav1.LabelSelector` with bounds. */
export const labelSelectorSchema = z
  .strictObject(
    {
      matchLabels: z
        .record(labelKey, labelValue, { error: 'a map of label keys to values' })
        .optional()
        .meta({ description: 'Labels that a namespace must have, all of them, with these values.' }),
      matchExpressions: listOf(
        z
          .strictObject({
            key: labelKey.meta({ description: 'The label key.' }),
            operator: z
              .enum(['In', 'NotIn', 'Exists', 'DoesNotExist'], { error: 'In, NotIn, Exists or DoesNotExist' })
              .meta({ description: 'How the label relates to the values.' }),
            values: listOf(labelValue, 0, 64, 'a list of up to 64 label values')
              .optional()
              .meta({ description: 'For In and NotIn at least one; none for Exists and DoesNotExist.' }),
          })
          .check(
            z.refine(hasValuesWhereNeeded, {
              path: ['values'],
              error: 'at least one value for In and NotIn, none for Exists and DoesNotExist',
            }),
          ),
        0,
        16,
        'a list of up to 16 requirements',
      )
        .optional()
        .meta({ description: 'Requirements that must all hold.' }),
    },
    { error: 'a label selector' },
  )
  .meta({ description: 'Namespaces by their labels; an empty selector selects all of them.' });

function hasValuesWhereNeeded({
  operator,
  values = [],
}: {
  operator: string;
  values?: string[] | undefined;
}) {
  return operator.endsWith('In') === values.length > 0;
}
