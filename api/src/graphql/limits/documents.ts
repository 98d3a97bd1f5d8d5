/**
 * Documents from text: parsed within the token limit, measured, and for the socket validated. What was found good is
 * remembered, so that a repeated operation costs neither.
 */
import type { DocumentNode, GraphQLSchema, ValidationRule } from 'graphql';
import { GraphQLError, NoSchemaIntrospectionCustomRule, parse, specifiedRules, validate } from 'graphql';
import { brokenLimit, brokenNesting, TOKENS_MAX } from './operation-limits.js';

/** Documents that are remembered. */
export const DOCUMENTS_MAX = 500;
/** Longest text that is remembered. */
export const REMEMBERED_LENGTH_MAX = 10_000;
/** Validation stops after this many errors. */
export const VALIDATION_ERRORS_MAX = 10;

export type PreparedDocument =
  | { readonly ok: true; readonly document: DocumentNode }
  | { readonly ok: false; readonly errors: readonly GraphQLError[] };

export interface Documents {
  /** The limit that a text breaks. Null where it breaks none, or is no GraphQL at all: the parser says that itself. */
  brokenLimit(text: string): GraphQLError | null;
  /** Parsed, measured and validated. */
  prepare(text: string): PreparedDocument;
}

export interface DocumentsOptions {
  readonly isIntrospectionAllowed: boolean;
}

export function createDocuments(schema: GraphQLSchema, options: DocumentsOptions): Documents {
  const rules: readonly ValidationRule[] = options.isIntrospectionAllowed
    ? specifiedRules
    : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  const measured = createMemory<DocumentNode>();
  const valid = createMemory<PreparedDocument>();

  /** @throws GraphQLError when the text is not GraphQL, or too long */
  const measure = (text: string): DocumentNode | GraphQLError => {
    const known = measured.get(text);
    if (known) return known;
    const nested = brokenNesting(text);
    if (nested) return nested;
    const document = parse(text, { maxTokens: TOKENS_MAX });
    const broken = brokenLimit(document);
    if (broken) return broken;
    measured.set(text, document);
    return document;
  };

  const check = (text: string): PreparedDocument => {
    try {
      const document = measure(text);
      if (document instanceof GraphQLError) return { ok: false, errors: [document] };
      const errors = validate(schema, document, rules, { maxErrors: VALIDATION_ERRORS_MAX });
      return errors.length > 0 ? { ok: false, errors } : { ok: true, document };
    } catch (error) {
      if (error instanceof GraphQLError) return { ok: false, errors: [error] };
      throw error;
    }
  };

  return {
    brokenLimit(text) {
      try {
        const result = measure(text);
        return result instanceof GraphQLError ? result : null;
      } catch (error) {
        if (error instanceof GraphQLError) return null;
        throw error;
      }
    },
    prepare(text) {
      const known = valid.get(text);
      if (known) return known;
      const prepared = check(text);
      if (prepared.ok) valid.set(text, prepared);
      return prepared;
    },
  };
}

/** The values of the texts that were used last. */
function createMemory<T>() {
  const values = new Map<string, T>();
  return {
    get(text: string): T | undefined {
      const value = values.get(text);
      if (value === undefined) return undefined;
      values.delete(text);
      values.set(text, value);
      return value;
    },
    set(text: string, value: T) {
      if (text.length > REMEMBERED_LENGTH_MAX) return;
      values.set(text, value);
      const oldest = values.size > DOCUMENTS_MAX ? values.keys().next().value : undefined;
      if (oldest !== undefined) values.delete(oldest);
    },
  };
}
