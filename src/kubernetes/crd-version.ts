/** On the CustomResourceDefinition: the version of the schema that it was generated from. */
export const SCHEMA_VERSION_ANNOTATION = 'eci-ram-role.io/schema-version';
