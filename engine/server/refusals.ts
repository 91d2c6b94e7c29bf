/** Queries for what the local engine lacks are refused by name, before anything runs. */
import {
  FieldsOnCorrectTypeRule,
  GraphQLError,
  KnownArgumentNamesRule,
  KnownTypeNamesRule,
  type ValidationRule,
  specifiedRules,
} from "graphql";

const advice = "is not in the local engine; run with Dagger";

const unknownField: ValidationRule = (context) => ({
  Field(node) {
    const type = context.getParentType();
    if (type && !context.getFieldDef()) {
      context.reportError(new GraphQLError(`${type.name}.${node.name.value} ${advice}`, { nodes: node }));
    }
  },
});

const unknownArgument: ValidationRule = (context) => ({
  Argument(node) {
    const [field, type] = [context.getFieldDef(), context.getParentType()];
    if (field && type && !context.getArgument()) {
      const name = `${type.name}.${field.name}(${node.name.value}:)`;
      context.reportError(new GraphQLError(`${name} ${advice}`, { nodes: node }));
    }
  },
});

const unknownType: ValidationRule = (context) => ({
  NamedType(node) {
    if (context.getSchema().getType(node.name.value) === undefined) {
      context.reportError(new GraphQLError(`${node.name.value} ${advice}`, { nodes: node }));
    }
  },
});

const replaced: readonly ValidationRule[] = [
  FieldsOnCorrectTypeRule,
  KnownArgumentNamesRule,
  KnownTypeNamesRule,
];

export const validationRules: readonly ValidationRule[] = [
  unknownField,
  unknownArgument,
  unknownType,
  ...specifiedRules.filter((rule) => !replaced.includes(rule)),
];
