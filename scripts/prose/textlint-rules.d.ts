// The rule comes without types.
declare module 'textlint-rule-prh' {
  const rule: { default: import('@textlint/types').TextlintFixableRuleModule };
  export = rule;
}
