/** By which a hint of each kind is known in a message; the group is its value. Its sentence is asserted with the hints. */
const PHRASES: Readonly<Record<string, RegExp>> = {
  arn: /use the role(?:'s name| name "([^"]*)"), not the ARN/,
  placeholder: /replace the placeholder/,
  blank: /name a role, or remove the annotation/,
  whitespace: /remove the whitespace around "([^"]*)"/,
  'too-long': /at most 64 characters, this one has ((?:more than )?\d+)/,
  characters: /use only letters, digits/,
  'other-case': /did you mean "([^"]*)" \(role names are case-sensitive\)\?/,
  'other-account': /it is allowed for ServiceAccounts? (.*?)(?:\. |$)/,
  'near-miss': /did you mean "([^"]*)"\?/,
};

/** The hints in a message, each by its kind and then its value if it has one. */
export function hintsIn(message: string): readonly string[] {
  return Object.entries(PHRASES).flatMap(([kind, phrase]) => {
    const match = phrase.exec(message);
    return match === null ? [] : [[kind, match[1]].filter((part) => part !== undefined).join(' ')];
  });
}
