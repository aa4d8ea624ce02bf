/** What is wrong with something given, a line each; stands where its value would have stood. */
export class Problems {
  readonly lines: readonly string[];

  constructor(lines: readonly string[]) {
    this.lines = lines;
  }
}

/** Fields that are known to hold values. */
export type Combined<Fields> = Readonly<{ [Name in keyof Fields]: Exclude<Fields[Name], Problems> }>;

/** The fields, frozen, where each holds a value; otherwise the problems of all, in the order of the fields. */
export function combine<Fields extends object>(fields: Fields): Combined<Fields> | Problems {
  if (hasValues(fields)) {
    return Object.freeze(fields);
  }
  return new Problems(
    Object.values(fields).flatMap((field) => (field instanceof Problems ? field.lines : [])),
  );
}

function hasValues<Fields extends object>(fields: Fields): fields is Fields & Combined<Fields> {
  return !Object.values(fields).some((field) => field instanceof Problems);
}
