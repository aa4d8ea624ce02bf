/** A number of allowlists of one form. */
export type Shape = Readonly<{
  name: string;
  count: number;
  nameOf: (index: number) => string;
  /** The spec after so many edits, which its reason shows. */
  specOf: (index: number, edit: number) => object;
}>;

const texts = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index));

export const SHAPES: readonly Shape[] = [
  {
    name: 'small',
    count: 10_000,
    nameOf: (index) => `list-${index}`,
    specOf: (index, edit) => ({
      namespaces: [`team-${index}`, `team-${index}-*`],
      roles: [`team-${index}-reader`, `team-${index}-writer-*`],
      defaultRole: `team-${index}-reader`,
      contact: `#team-${index}`,
      reason: String(edit),
    }),
  },
  {
    name: 'at the bound',
    count: 6_900,
    nameOf: (index) => `list-${index}`,
    specOf: (index, edit) => ({
      namespaces: texts(8, (n) => `a-long-name-of-a-namespace-of-the-team-number-${index}-and-${n}`),
      roles: texts(40, (n) =>
        `a-long-name-of-a-role-of-the-team-number-${index}-and-its-number-${n}`.slice(0, 64),
      ),
      reason: String(edit),
    }),
  },
  {
    name: 'hostile team',
    count: 600,
    nameOf: (index) => `team-a-${index}`,
    specOf: (index, edit) => ({
      namespaces: texts(256, (n) => `team-a-00${'*a'.repeat(20)}*${index}-${n}`),
      roles: texts(256, (n) => `team-a-00${'*a'.repeat(20)}*${index}-${n}`),
      reason: String(edit),
    }),
  },
  {
    name: 'one namespace',
    count: 1_000,
    nameOf: (index) => `team-a-${index}`,
    specOf: (index, edit) => ({
      namespaces: ['team-a'],
      roles: texts(30, (n) => `team-a-${index}-${n}*`),
      reason: String(edit),
    }),
  },
];
