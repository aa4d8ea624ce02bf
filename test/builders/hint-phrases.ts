/** By which a hint of each kind is known in a message; the group is its value. Its sentence is asserted with the hints. */
const PHRASES: Readonly<Record<string, RegExp>> = {
  arn: /takes no ARN, use the role(?:'s name| name "([^"]*)")/,
  placeholder: /a placeholder was left unsubstituted/,
  blank: /it is blank/,
  whitespace: /remove the whitespace around it, "([^"]*)"/,
  'too-long': /at most 64 characters, this has (\d+)/,
  characters: /a role name has only letters/,
  'other-case': /role names are case-sensitive, allowed is "([^"]*)"/,
  'other-account': /it is allowed to pods that run as ([^;]*)/,
  'near-miss': /perhaps "([^"]*)" is meant/,
};

/** The hints in a message, each by its kind and then its value if it has one. */
export function hintsIn(message: string): readonly string[] {
  return Object.entries(PHRASES).flatMap(([kind, phrase]) => {
    const match = phrase.exec(message);
    return match === null ? [] : [[kind, match[1]].filter((part) => part !== undefined).join(' ')];
  });
}
