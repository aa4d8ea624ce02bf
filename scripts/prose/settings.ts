/**
 * Words in a sentence. We write for 25; the limit is higher since a count by blanks takes each name, path and number for
 * a word, and a sentence cut in two to save one word reads worse.
 */
export const MAX_WORDS_IN_A_SENTENCE = 30;

/** Files whose prose is checked, by how it is found in them. */
export const PROSE_FILES = [
  {
    kind: 'markdown',
    patterns: [
      'ARCHITECTURE.md',
      'CONTRIBUTING.md',
      'SECURITY.md',
      'CHANGELOG.md',
      'docs/**/*.md',
      'charts/*/README.md',
    ],
  },
  { kind: 'yamlComments', patterns: ['charts/*/values.yaml'] },
  { kind: 'crdDescriptions', patterns: ['charts/*/crds/*.yaml'] },
  { kind: 'helmNotes', patterns: ['charts/*/templates/NOTES.txt'] },
  { kind: 'typescriptStrings', patterns: ['src/**/messages.ts'] },
] as const;

export type ProseKind = (typeof PROSE_FILES)[number]['kind'];

/** Files that are still to be rewritten. The check fails once one of them has no problem left: remove it here then. */
export const NOT_YET_REWRITTEN: readonly string[] = [];
